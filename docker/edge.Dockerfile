# An edge: docker build --file docker/edge.Dockerfile --tag notifyorleans-edge .
# Without the demo page, which the environment Development alone serves: add --build-arg DEMO_PAGE=false
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
ARG DEMO_PAGE=true
RUN if [ "$DEMO_PAGE" = true ]; then apt-get update && apt-get install -y --no-install-recommends nodejs npm && rm -rf /var/lib/apt/lists/*; fi
WORKDIR /source
COPY .editorconfig Directory.Build.props Directory.Packages.props global.json ./
COPY samples/demo-page samples/demo-page
COPY src src
RUN dotnet publish src/Edge/Edge.csproj --configuration Release --output /app -p:DemoPage=$DEMO_PAGE

FROM mcr.microsoft.com/dotnet/aspnet:10.0
WORKDIR /app
COPY --from=build /app .
ENV ASPNETCORE_HTTP_PORTS=8080
USER $APP_UID
# WebSocket, health, metrics; STOMP over TCP and TLS where it is turned on.
EXPOSE 8080 61613 61614
# The image has no curl. Alive, not ready: a restart mends a hung process, but not a silo that is away.
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s CMD ["bash", "-c", \
  "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /health/live HTTP/1.0\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '"]
ENTRYPOINT ["dotnet", "NotifyOrleans.Edge.dll"]
