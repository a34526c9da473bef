#!/usr/bin/env bash
# Starts everything on this machine, in the foreground, until Ctrl-C or SIGTERM: broker, silos, edges, and with several silos PostgreSQL. The second start keeps the data.
#
#   scripts/up.sh
#
# Environment: EDGE_PORT (8080), SILO_PORT (8081), AMQP_PORT (5672), DATA_DIR (.data in the checkout), SILOS and EDGES (how many of each, 1),
# RABBITMQ_URL (your own broker in place of a local one). Every other setting of the nodes in ASP.NET's form, as Outbox__TimeToLive=1.00:00:00,
# but for addresses, ports and where data is: these are given to each node, see docs/operations.md.
# One process that was killed comes back with scripts/node.sh.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
for part in environment packages ports processes authority authority-proxy postgres broker build nodes; do
  # shellcheck source=/dev/null
  source "$here/lib/$part.sh"
done

main() {
  check_environment
  mkdir -p "$RUN_DIR" || fail "DATA_DIR cannot be written: $DATA_DIR"
  take_data_folder
  allot_ports
  require_dotnet_sdk
  local needed=(openssl=openssl node=nodejs npm=npm)
  [[ -n $RABBITMQ_URL ]] || needed+=(rabbitmq-server=rabbitmq-server)
  ! uses_postgres || needed+=(postgres=postgresql)
  ! uses_authority_proxy || needed+=(nginx=nginx)
  install_missing "${needed[@]}"

  trap 'interrupted=true' INT TERM HUP
  trap stop EXIT
  record_ports
  record_issuer
  start_system
  print_system
  wait_for_signal
}

# One up.sh per DATA_DIR. What a killed one has left running is ended first.
take_data_folder() {
  exec 9>"$RUN_DIR/lock"
  flock -n 9 || fail "another up.sh is running in $DATA_DIR; choose another DATA_DIR, or end that one"
  rm -f "$RUN_DIR/stopping"
  stop_everything
}

# The broker and the database come up while the nodes are built.
start_system() {
  local number
  if [[ -z $RABBITMQ_URL ]]; then
    say "starting the broker"
    start_broker
  fi
  if uses_postgres; then
    say "starting PostgreSQL"
    start_postgres
  fi
  ! uses_authority_proxy || start_authority
  build_nodes
  [[ -n $RABBITMQ_URL ]] || await_broker
  ! uses_postgres || await_postgres
  ! uses_authority_proxy || await_authority
  check_interrupted
  say "starting the nodes"
  for ((number = 1; number <= SILOS; number++)); do start_silo "$number"; done
  for ((number = 1; number <= SILOS; number++)); do await_node "silo-$number"; done
  check_interrupted
  for ((number = 1; number <= EDGES; number++)); do start_edge "$number"; done
  for ((number = 1; number <= EDGES; number++)); do await_node "edge-$number"; done
}

print_system() {
  local number
  for ((number = 1; number <= EDGES; number++)); do print_edge "$number"; done
  for ((number = 1; number <= SILOS; number++)); do print_silo "$number"; done
  print_broker
  ! uses_postgres || print_postgres
  ! uses_authority_proxy || print_authority
  echo "demo page: http://127.0.0.1:${PORTS[edge-1]}/"
  echo "token of a user: scripts/token.sh alice          of a service: scripts/token.sh printer service"
  if [[ -n $RABBITMQ_URL ]]; then
    echo "publish with any AMQP client: exchange notifications, routing key user.alice"
  else
    echo "publish with any AMQP client (exchange notifications, routing key user.alice), or:"
    echo "  curl -u guest:guest $(broker_management_url)/api/exchanges/%2f/notifications/publish -H 'content-type: application/json' \\"
    echo "    -d '{\"routing_key\":\"user.alice\",\"properties\":{\"delivery_mode\":2},\"payload\":\"Hello\",\"payload_encoding\":\"string\"}'"
  fi
  echo ready
}

# Says when a process has ended. It stays down until node.sh starts it: whoever killed it may want to see what happens without it.
wait_for_signal() {
  local name names
  local -A down=()
  mapfile -t names < <(started_processes)
  exec 7<> <(:)
  until [[ -n ${interrupted:-} ]]; do
    # No process for waiting: a read that ends after a second, or at once with a signal.
    read -r -t 1 -u 7 _ || true
    for name in "${names[@]}"; do
      if [[ $name == epmd ]] || is_running "$name"; then
        unset "down[$name]"
      elif [[ -z ${down[$name]:-} ]]; then
        down[$name]=true
        [[ -n ${interrupted:-} ]] || say "$name has ended; scripts/node.sh ${name/-/ } starts it again"
      fi
    done
  done
}

stop() {
  trap '' INT TERM HUP
  say "stopping"
  # From here on node.sh starts nothing; what it has under way is caught by the second round.
  : >"$RUN_DIR/stopping"
  stop_everything
  stop_everything
}

main "$@"
