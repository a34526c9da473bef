#!/usr/bin/env bash
# Starts one process again that has ended, in the background, with the same environment as scripts/up.sh (which must be running), and prints its line.
#
#   scripts/node.sh silo NUMBER
#   scripts/node.sh edge NUMBER
#   scripts/node.sh broker|postgres|authority
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
for part in environment packages ports processes authority authority-proxy postgres broker nodes; do
  # shellcheck source=/dev/null
  source "$here/lib/$part.sh"
done

main() {
  check_environment
  local kind=${1:-} number=${2:-}
  case $kind in
    silo | edge) [[ $number =~ ^[1-9][0-9]*$ ]] || usage ;;
    broker)
      [[ -z $RABBITMQ_URL ]] || fail "the broker at RABBITMQ_URL is yours: it is not started from here"
      number=
      ;;
    postgres | authority) number= ;;
    *) usage ;;
  esac
  up_is_running || fail "nothing is running in $DATA_DIR: start it with scripts/up.sh"
  read_ports
  local name=$kind${number:+-$number}
  [[ -n ${PORTS[$name]:-} ]] || fail "the running system has no $kind${number:+ $number}"

  # Two calls for one process at the same time: the second finds it running.
  exec 9>"$RUN_DIR/$name.lock"
  flock 9
  # One that was killed a moment ago takes a while to go: 0.5 s tell it from one that runs.
  if await_end 500 "$name"; then start_again "$name" "$kind" "$number"; fi
  "print_$kind" "$number"
}

usage() {
  sed -n '2,6s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
  exit 2
}

up_is_running() { [[ -e $RUN_DIR/lock && ! -e $RUN_DIR/stopping ]] && ! flock -n "$RUN_DIR/lock" true; }

# start_again NAME KIND [NUMBER]
start_again() {
  local name=$1 kind=$2 number=${3:-}
  # What a killed process had open is closed when its last thread has ended, which is later than it counts as dead.
  await_port_released 5000 "${PORTS[$name]}" || fail "port ${PORTS[$name]} of $name is taken by something else"
  require_dotnet_sdk
  case $kind in
    broker | postgres | authority)
      "start_$kind"
      "await_$kind"
      ;;
    *)
      "start_$kind" "$number"
      await_node "$name"
      ;;
  esac
  # up.sh may have been told to stop meanwhile; then nothing of ours stays.
  if [[ -e $RUN_DIR/stopping ]]; then
    stop_processes 4000 "$name"
    fail "scripts/up.sh is stopping"
  fi
}

main "$@"
