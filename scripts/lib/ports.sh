# shellcheck shell=bash
# Which port belongs to whom. up.sh hands them out and records them, so that node.sh starts a process where it was.

PORTS_FILE=$RUN_DIR/ports

# True if anything listens on the port, on whatever address. Reads the kernel's table: no tool needed, no connection made.
port_taken() {
  local hex
  printf -v hex '%04X' "$1"
  grep -qiE "^ *[0-9]+: [0-9A-F]+:$hex [0-9A-F]+:0000 0A" /proc/net/tcp /proc/net/tcp6 2>/dev/null
}

# await_port_released MILLISECONDS PORT: false when something still listens on it after that.
await_port_released() {
  local until=$(($(milliseconds) + $1))
  while port_taken "$2"; do
    (($(milliseconds) < until)) || return 1
    sleep 0.1
  done
}

# Sets FREE_PORT. Below the range from which the kernel takes ports for outgoing connections, so that none of these is in the way.
find_free_port() {
  local first=20000 last
  read -r last _ </proc/sys/net/ipv4/ip_local_port_range
  ((last > first + 2000)) || last=65000
  for _ in {1..200}; do
    FREE_PORT=$((first + (RANDOM << 15 | RANDOM) % (last - first)))
    [[ " ${PORTS[*]} " == *" $FREE_PORT "* ]] || port_taken "$FREE_PORT" || return 0
  done
  fail "found no free port between $first and $last"
}

# Fills PORTS (name -> port). Printed ones count up from what was asked for; a number that belongs to another kind is skipped.
declare -A PORTS=()
allot_ports() {
  local name number port=$EDGE_PORT
  PORTS=()
  [[ -n $RABBITMQ_URL ]] || PORTS[broker]=$AMQP_PORT
  for ((number = 1; number <= SILOS; number++)); do PORTS[silo-$number]=$((SILO_PORT + number - 1)); done
  for ((number = 1; number <= EDGES; number++)); do
    while ((number > 1)) && [[ " ${PORTS[*]} " == *" $port "* ]]; do port=$((port + 1)); done
    PORTS[edge-$number]=$port
  done
  check_printed_ports

  local internal=()
  [[ -n $RABBITMQ_URL ]] || internal+=(epmd broker-distribution broker-management broker-prometheus broker-stomp broker-web-stomp broker-mqtt broker-web-mqtt)
  for ((number = 1; number <= SILOS; number++)); do internal+=("silo-$number-cluster" "silo-$number-gateway"); done
  ! wants_postgres || internal+=(postgres)
  ! wants_authority_proxy || internal+=(authority)
  for name in "${internal[@]}"; do
    find_free_port
    PORTS[$name]=$FREE_PORT
  done
}

# All faults at once, before anything is started.
check_printed_ports() {
  local name port faults=()
  local -A owner=()
  for name in "${!PORTS[@]}"; do
    port=${PORTS[$name]}
    if [[ -n ${owner[$port]:-} ]]; then
      faults+=("${owner[$port]} and $name both want port $port")
    elif ((port > 65535)); then
      faults+=("$name would get port $port, the highest is 65535")
    elif port_taken "$port"; then
      faults+=("port $port ($name) is in use")
    fi
    owner[$port]=$name
  done
  ((${#faults[@]} == 0)) || fail "$(join '; ' "${faults[@]}"). Choose others by EDGE_PORT, SILO_PORT and AMQP_PORT."
}

join() {
  local separator=$1 text=$2
  shift 2
  printf '%s' "$text" "${@/#/$separator}"
}

record_ports() {
  local name
  for name in "${!PORTS[@]}"; do printf '%s %s\n' "$name" "${PORTS[$name]}"; done | sort >"$PORTS_FILE"
}

read_ports() {
  local name port
  while read -r name port; do PORTS[$name]=$port; done <"$PORTS_FILE"
}
