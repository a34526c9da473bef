# shellcheck shell=bash
# Processes of this DATA_DIR. Each is remembered as "pid start-time", so that a pid that was given away since is not taken for ours.

# Closes everything above stderr: a server must not keep a lock or a pipe of its caller open for its lifetime.
close_inherited_files() {
  local path fd
  for path in /proc/self/fd/*; do
    fd=${path##*/}
    if ((fd > 2 && fd != 255)); then eval "exec $fd>&-"; fi
  done
}

# Many sockets, but not the billion that some container engines set: Erlang walks through all of them when it starts.
raise_file_limit() {
  local hard
  hard=$(ulimit -Hn)
  [[ $hard != unlimited ]] && ((hard < 262144)) || hard=262144
  ulimit -Sn "$hard" 2>/dev/null || true
}

# start_process NAME [SETTING=VALUE...] COMMAND...: in a session of its own (Ctrl-C goes to up.sh alone), output in DATA_DIR/NAME/out.log. Sets PID.
# Settings, keys among them, go through the environment: arguments can be read by everyone on the machine.
start_process() {
  local name=$1
  shift
  mkdir -p "$DATA_DIR/$name"
  (
    close_inherited_files
    raise_file_limit
    while [[ $1 == *=* ]]; do
      export "${1?}"
      shift
    done
    exec setsid "$@" </dev/null >>"$DATA_DIR/$name/out.log" 2>&1
  ) &
  PID=$!
  # Only a build is waited for. Of the others bash shall not write by itself that they were killed.
  [[ $name == build ]] || disown "$PID"
  printf '%s %s\n' "$PID" "$(start_time "$PID")" >"$RUN_DIR/$name.pid"
}

# Field 22 of stat: clock ticks since boot. The command's name before it may hold blanks, hence the cut at the last parenthesis.
start_time() {
  local stat fields
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 0
  read -ra fields <<<"${stat##*) }"
  # A zombie has ended; it only waits for its parent to notice.
  [[ ${fields[0]} == Z ]] || echo "${fields[19]}"
}

# Sets PID to the process that was remembered under this name; false when it has ended.
find_process() {
  local started
  PID=
  read -r PID started 2>/dev/null <"$RUN_DIR/$1.pid" || return 1
  [[ -n $started && $started == "$(start_time "$PID")" ]]
}

is_running() {
  local PID
  find_process "$1"
}

# signal_process NAME SIGNAL. A build, and whatever must be killed, takes its children along.
signal_process() {
  local PID
  find_process "$1" || return 0
  if [[ $1 == build || $2 == KILL ]]; then PID=-$PID; fi
  # PostgreSQL takes TERM for "when the last client has left".
  if [[ $1 == postgres && $2 == TERM ]]; then set -- "$1" INT; fi
  kill -s "$2" -- "$PID" 2>/dev/null || true
}

# Names of all processes that this DATA_DIR has started, by whichever script.
started_processes() {
  local file
  for file in "$RUN_DIR"/*.pid; do
    [[ -e $file ]] || continue
    file=${file##*/}
    echo "${file%.pid}"
  done
}

# A script that traps signals sets `interrupted` in the trap; whatever waits looks here.
check_interrupted() { [[ -z ${interrupted:-} ]] || exit 130; }

# await SECONDS NAME COMMAND...: until the command is true. False when the time is over or the process ended first.
await() {
  local until=$((SECONDS + $1)) name=$2
  shift 2
  until "$@"; do
    check_interrupted
    is_running "$name" && ((SECONDS < until)) || return 1
    sleep 0.1
  done
}

# fail_to_start NAME WHO LOGS: with the end of what it said.
fail_to_start() {
  tail -n 15 "$DATA_DIR/$1/out.log" >&2 || true
  fail "$2 did not become ready; see $3"
}

# await_end MILLISECONDS NAME...: false when one of them still runs after that.
await_end() {
  local until=$(($(milliseconds) + $1)) name
  shift
  for name in "$@"; do
    while is_running "$name"; do
      (($(milliseconds) < until)) || return 1
      sleep 0.1
    done
  done
}

# Since 1970. (SECONDS counts whole ones: "one second" could end at once.)
milliseconds() { echo $((${EPOCHREALTIME/[.,]/} / 1000)); }

# Ends everything within 12 s, in the direction of the messages reversed, so that nothing is torn from under its user.
# Whoever does not end in time is killed: all data that counts is on disk by then.
stop_everything() {
  local name names edges=() silos=() rest=()
  mapfile -t names < <(started_processes)
  for name in "${names[@]}"; do
    case $name in
      edge-*) edges+=("$name") ;;
      silo-*) silos+=("$name") ;;
      epmd) ;;
      *) rest+=("$name") ;;
    esac
  done
  stop_processes 3000 "${edges[@]}"
  stop_processes 4000 "${silos[@]}"
  stop_processes 4000 "${rest[@]}"
  end_postgres_remnants
  stop_processes 1000 epmd
}

# stop_processes MILLISECONDS NAME...: those that have not ended by themselves after that are killed.
stop_processes() {
  local patience=$1 name
  shift
  for name in "$@"; do signal_process "$name" TERM; done
  if ! await_end "$patience" "$@"; then
    for name in "$@"; do signal_process "$name" KILL; done
    await_end 1000 "$@" || true
  fi
  for name in "$@"; do rm -f "$RUN_DIR/$name.pid"; done
}

# http_get PORT PATH: prints what answers a GET on 127.0.0.1, its head and its body, without a tool. False when nobody does.
http_get() {
  local answer=
  {
    printf 'GET %s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nConnection: close\r\n\r\n' "$2" "$1" >&3 &&
      { read -r -t 5 -d '' -u 3 answer || true; }
  } 2>/dev/null 3<>"/dev/tcp/127.0.0.1/$1" && [[ $answer == HTTP/* ]] && printf '%s\n' "$answer"
}

# http_status PORT PATH: prints the status alone.
http_status() {
  local status
  read -r _ status _ < <(http_get "$1" "$2") && echo "$status"
}

is_ready() { [[ $(http_status "$1" /health/ready) == 200 ]]; }
