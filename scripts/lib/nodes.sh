# shellcheck shell=bash
# Silo and edge processes. Settings of the caller (Outbox__TimeToLive=...) reach them through the environment.

# Sets STORE_SETTINGS: where silos keep their outbox, and where silos and edges find each other.
find_store_settings() {
  STORE_SETTINGS=()
  uses_postgres || return 0
  STORE_SETTINGS=(
    Cluster__Provider="${Cluster__Provider:-PostgreSql}" ConnectionStrings__Cluster="${ConnectionStrings__Cluster:-$(postgres_connection_string)}"
    Outbox__Provider="${Outbox__Provider:-PostgreSql}" ConnectionStrings__Outbox="${ConnectionStrings__Outbox:-$(postgres_connection_string)}"
  )
}

# start_silo NUMBER
start_silo() {
  find_store_settings
  [[ -n ${RABBITMQ_URL:-} ]] || STORE_SETTINGS+=(Authority__BrokerManagement="${Authority__BrokerManagement:-$(broker_management_url guest:guest@)}")
  start_node silo "$1" NotifyOrleans.Silo.dll "${STORE_SETTINGS[@]}" Cluster__AdvertisedAddress=127.0.0.1 \
    Cluster__SiloPort="${PORTS[silo-$1-cluster]}" Cluster__GatewayPort="${PORTS[silo-$1-gateway]}" Outbox__Path="$DATA_DIR/silo-$1/outbox" \
    Authority__Development__SigningKey="$(development_key)"
}

# start_edge NUMBER
start_edge() {
  find_store_settings
  ((${#STORE_SETTINGS[@]} > 0)) || STORE_SETTINGS=(Cluster__GatewayPort="${PORTS[silo-1-gateway]}")
  start_node edge "$1" NotifyOrleans.Edge.dll "${STORE_SETTINGS[@]}"
}

# start_node KIND NUMBER PROGRAM SETTING...
start_node() {
  local kind=$1 number=$2 program=$3
  shift 3
  start_process "$kind-$number" "$@" \
    ASPNETCORE_URLS="http://127.0.0.1:${PORTS[$kind-$number]}" \
    ASPNETCORE_ENVIRONMENT="${ASPNETCORE_ENVIRONMENT:-Development}" \
    ConnectionStrings__RabbitMq="${ConnectionStrings__RabbitMq:-$(broker_url)}" \
    env -C "$DATA_DIR/bin/$kind" dotnet "$program"
}

await_node() {
  local told=
  await 90 "$1" node_is_ready "$1" || fail_to_start "$1" "$1" "$DATA_DIR/$1/out.log"
}

# node_is_ready NAME. A source that is missing comes with its publishers, or never: that is said at once, and waited for.
node_is_ready() {
  ! is_ready "${PORTS[$1]}" || return 0
  if [[ -z $told && $(http_get "${PORTS[$1]}" /health/ready) =~ nothing\ comes\ from\ [^\;\"]*NOT_FOUND[^\;\"]* ]]; then
    told=${BASH_REMATCH[0]}
    say "$1 waits: $told. Its publishers make that exchange, or with Ingress__Sources__0__Declare=true the silos do"
  fi
  return 1
}

print_silo() {
  find_process "silo-$1"
  echo "silo http://127.0.0.1:${PORTS[silo-$1]} pid $PID"
}

print_edge() {
  find_process "edge-$1"
  echo "edge ws://127.0.0.1:${PORTS[edge-$1]}${Stomp__Path:-/ws} pid $PID"
}
