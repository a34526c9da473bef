# shellcheck shell=bash
# A RabbitMQ of our own: the configuration under docker/rabbitmq as shipped, plus one generated file with ports and the authority's address.

broker_url() { echo "${RABBITMQ_URL:-amqp://guest:guest@127.0.0.1:${PORTS[broker]}/%2f}"; }

# broker_management_url [USER:PASSWORD@]
broker_management_url() { echo "http://${1:-}127.0.0.1:${PORTS[broker-management]}"; }

# Debian's /usr/sbin/rabbitmq-server changes to the user rabbitmq; the script behind it runs as whoever calls it.
find_rabbitmq_server() {
  local candidate
  for candidate in /usr/lib/rabbitmq/bin/rabbitmq-server "$(command -v rabbitmq-server || true)"; do
    if [[ -x $candidate ]]; then
      echo "$candidate"
      return
    fi
  done
  return 1
}

write_broker_settings() {
  local path
  mkdir -p "$DATA_DIR/broker"
  {
    echo "# Written by scripts/up.sh at each start. Everything else: $ROOT/docker/rabbitmq"
    echo "listeners.tcp.default       = 127.0.0.1:${PORTS[broker]}"
    echo "management.tcp.ip           = 127.0.0.1"
    echo "management.tcp.port         = ${PORTS[broker-management]}"
    echo "prometheus.tcp.ip           = 127.0.0.1"
    echo "prometheus.tcp.port         = ${PORTS[broker-prometheus]}"
    echo "stomp.listeners.tcp.default = 127.0.0.1:${PORTS[broker-stomp]}"
    echo "web_stomp.tcp.ip            = 127.0.0.1"
    echo "web_stomp.tcp.port          = ${PORTS[broker-web-stomp]}"
    echo "mqtt.listeners.tcp.default  = 127.0.0.1:${PORTS[broker-mqtt]}"
    echo "web_mqtt.tcp.ip             = 127.0.0.1"
    echo "web_mqtt.tcp.port           = ${PORTS[broker-web-mqtt]}"
    for path in user vhost resource topic; do echo "auth_http.${path}_path = $(authority_address)/auth/$path"; done
  } >"$DATA_DIR/broker/local.conf"
}

# epmd tells Erlang nodes each other's ports. Ours serves this broker alone, and ends with it.
start_epmd() {
  is_running epmd && return
  start_process epmd epmd -port "${PORTS[epmd]}" -address 127.0.0.1
  await 10 epmd port_taken "${PORTS[epmd]}" || fail "epmd did not start; see $DATA_DIR/epmd/out.log"
}

start_broker() {
  local server name config=$ROOT/docker/rabbitmq dir=$DATA_DIR/broker
  server=$(find_rabbitmq_server) || fail "rabbitmq-server is not installed"
  start_epmd
  write_broker_settings
  # What the caller set for a broker of his own must not reach ours, and what it writes when it crashes is not to lie in the caller's folder. The start script becomes the
  # broker, in place of waiting for it.
  local settings=(env --chdir="$dir")
  for name in $(compgen -e RABBITMQ_) $(compgen -e ERL_); do settings+=(-u "$name"); done
  settings+=(
    HOME="$dir" RUNNING_UNDER_SYSTEMD=true ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_PORT="${PORTS[epmd]}"
    RABBITMQ_NODENAME=notify@localhost RABBITMQ_DIST_PORT="${PORTS[broker-distribution]}"
    RABBITMQ_MNESIA_BASE="$dir/mnesia" RABBITMQ_LOG_BASE="$dir/log" RABBITMQ_SCHEMA_DIR="$dir/schema"
    RABBITMQ_GENERATED_CONFIG_DIR="$dir/config" RABBITMQ_PID_FILE="$dir/pid" RABBITMQ_CONF_ENV_FILE=/dev/null
    RABBITMQ_CONFIG_FILE="$config/rabbitmq.conf" RABBITMQ_CONFIG_FILES="$dir/local.conf"
    RABBITMQ_ADVANCED_CONFIG_FILE="$config/advanced.config" RABBITMQ_ENABLED_PLUGINS_FILE="$config/enabled_plugins"
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1}"
  )
  start_process broker "${settings[@]}" "$server"
}

await_broker() {
  await 90 broker broker_answers || fail_to_start broker "the broker" "$DATA_DIR/broker/log and $DATA_DIR/broker/out.log"
}

# A listening socket is not enough: the first frame of AMQP (it begins with octet 1) says that the broker serves.
broker_answers() {
  local first
  port_taken "${PORTS[broker]}" && {
    printf 'AMQP\x00\x00\x09\x01' >&3 && IFS= read -r -n 1 -t 5 -u 3 first
  } 2>/dev/null 3<>"/dev/tcp/127.0.0.1/${PORTS[broker]}" && [[ $first == $'\x01' ]]
}

print_broker() {
  if [[ -n $RABBITMQ_URL ]]; then
    echo "broker $RABBITMQ_URL"
  else
    find_process broker
    echo "broker $(broker_url) pid $PID"
  fi
}
