# A silo: docker build --file docker/silo.Dockerfile --tag notifyorleans-silo .
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY .editorconfig Directory.Build.props Directory.Packages.props global.json ./
COPY src src
RUN dotnet publish src/Silo/Silo.csproj --configuration Release --output /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0
WORKDIR /app
COPY --from=build /app .
# The outbox: what users have not been delivered yet. Give it a volume.
RUN mkdir -p /var/lib/notifyorleans/outbox && chown -R "$APP_UID" /var/lib/notifyorleans
VOLUME /var/lib/notifyorleans
ENV Outbox__Path=/var/lib/notifyorleans/outbox ASPNETCORE_HTTP_PORTS=8081
USER $APP_UID
# 8081: authority for the broker, health, metrics. 11111 and 30000: the cluster (other silos, edges).
EXPOSE 8081 11111 30000
# The image has no curl. Alive, not ready: a restart mends a hung process, but not a broker that is away.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["bash", "-c", \
  "exec 3<>/dev/tcp/127.0.0.1/8081 && printf 'GET /health/live HTTP/1.0\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '"]
ENTRYPOINT ["dotnet", "NotifyOrleans.Silo.dll"]
