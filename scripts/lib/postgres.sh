# shellcheck shell=bash
# A PostgreSQL cluster of our own in DATA_DIR/postgres: outbox and membership table of several silos. (A cluster, in PostgreSQL's words, is a server's data.)

POSTGRES_DATA=$DATA_DIR/postgres/data
# User, password and database, as open as the broker's guest: it listens on the loopback address alone.
POSTGRES_NAME=notify

# More than one silo shares the outbox. A DATA_DIR that has a cluster stays with it, however many silos come later: their messages are there.
wants_postgres() { ((SILOS > 1)) || [[ -e $POSTGRES_DATA/PG_VERSION ]]; }

uses_postgres() { [[ -n ${PORTS[postgres]:-} ]]; }

postgres_url() { echo "postgresql://$POSTGRES_NAME:$POSTGRES_NAME@127.0.0.1:${PORTS[postgres]}/$POSTGRES_NAME"; }

postgres_connection_string() {
  echo "Host=127.0.0.1;Port=${PORTS[postgres]};Username=$POSTGRES_NAME;Password=$POSTGRES_NAME;Database=$POSTGRES_NAME"
}

# Sets POSTGRES_BIN: the programs of the version that made the cluster, else of the newest. Debian keeps them out of the PATH, in a folder for each version.
find_postgres() {
  local version=
  [[ ! -e $POSTGRES_DATA/PG_VERSION ]] || version=$(<"$POSTGRES_DATA/PG_VERSION")
  while read -r POSTGRES_BIN; do
    [[ ! -x $POSTGRES_BIN/initdb || ($version && $POSTGRES_BIN != */"$version"/*) ]] || return 0
  done < <(printf '%s\n' /usr/lib/postgresql/*/bin | sort --version-sort --reverse && dirname "$(command -v initdb)" 2>/dev/null)
  fail "PostgreSQL${version:+ $version, which made $POSTGRES_DATA,} is not installed"
}

# Sets AS_POSTGRES. PostgreSQL refuses to run as root; the package brings the user postgres. Where that user cannot enter the folders above, as in a root's
# home, it is allowed to read past their permissions.
find_postgres_user() {
  AS_POSTGRES=()
  ((EUID == 0)) || return 0
  local user=(setpriv --reuid postgres --regid postgres --init-groups) capability
  for capability in '' dac_read_search dac_override; do
    AS_POSTGRES=("${user[@]}" ${capability:+--inh-caps "+$capability" --ambient-caps "+$capability"} --)
    ! "${AS_POSTGRES[@]}" ls "$DATA_DIR/postgres" &>/dev/null || return 0
  done
  fail "the user postgres cannot enter $DATA_DIR; choose another DATA_DIR"
}

start_postgres() {
  mkdir -p "$DATA_DIR/postgres"
  find_postgres
  find_postgres_user
  end_postgres_remnants
  [[ -e $POSTGRES_DATA/PG_VERSION ]] || create_postgres_cluster
  # No socket file: its path would be too long in many a DATA_DIR.
  start_process postgres "${AS_POSTGRES[@]}" "$POSTGRES_BIN/postgres" -D "$POSTGRES_DATA" -p "${PORTS[postgres]}" \
    -c listen_addresses=127.0.0.1 -c unix_socket_directories=
}

# Made beside its place and moved there when it is whole.
create_postgres_cluster() {
  local making=$DATA_DIR/postgres/making log=$DATA_DIR/postgres/initdb.log
  [[ ! -d $DATA_DIR/silo-1/outbox ]] || say "what waits in the outbox in $DATA_DIR/silo-1 stays there: several silos begin with an empty one in PostgreSQL"
  rm -rf "$making"
  mkdir -m 700 "$making"
  echo "$POSTGRES_NAME" >"$making.password"
  ((EUID != 0)) || chown postgres "$making" "$making.password"
  {
    "${AS_POSTGRES[@]}" "$POSTGRES_BIN/initdb" -D "$making" -U "$POSTGRES_NAME" --pwfile "$making.password" --auth scram-sha-256 --encoding UTF8 --no-locale &&
      "${AS_POSTGRES[@]}" "$POSTGRES_BIN/postgres" --single -D "$making" postgres <<<"CREATE DATABASE $POSTGRES_NAME"
  } >"$log" 2>&1 || {
    tail -n 15 "$log" >&2
    fail "could not make a PostgreSQL cluster (all of it: $log)"
  }
  rm -f "$making.password"
  mv "$making" "$POSTGRES_DATA"
}

# A killed server's other processes may work on for a while, and hold its memory. A new one would not start beside them, nor on a pid file whose number
# has been given to somebody else.
end_postgres_remnants() {
  local process folder pids=()
  [[ -d $POSTGRES_DATA ]] || return 0
  while read -r process folder; do
    [[ $folder != "$POSTGRES_DATA" ]] || pids+=("${process#/proc/}")
  done < <(find /proc/[0-9]*/cwd -maxdepth 0 -printf '%h %l\n' 2>/dev/null)
  if ((${#pids[@]} > 0)); then
    kill -s KILL "${pids[@]}" 2>/dev/null || true
    while kill -s 0 "${pids[@]}" 2>/dev/null; do sleep 0.1; done
  fi
  rm -f "$POSTGRES_DATA/postmaster.pid"
}

await_postgres() {
  await 60 postgres postgres_answers || fail_to_start postgres PostgreSQL "$DATA_DIR/postgres/out.log"
}

# Its pid file says what it has come to. Last line: "ready", padded with blanks.
postgres_answers() { [[ $(tail -n 1 "$POSTGRES_DATA/postmaster.pid" 2>/dev/null) == ready* ]]; }

print_postgres() {
  find_process postgres
  echo "postgres $(postgres_url) pid $PID"
}
