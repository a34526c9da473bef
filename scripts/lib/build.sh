# shellcheck shell=bash
# Builds silo and edge once into DATA_DIR/bin, so that a later build in the checkout does not pull files from under running processes.

build_nodes() {
  local fingerprint stamp=$DATA_DIR/bin/fingerprint
  fingerprint=$(source_fingerprint)
  [[ ! -f $stamp || $(<"$stamp") != "$fingerprint" ]] || return 0
  say "building (log: $DATA_DIR/build/out.log)"
  rm -rf "${DATA_DIR:?}/bin" "$DATA_DIR/build/out.log"
  # Two builds in one checkout would write the same obj folders.
  exec 8<"$ROOT/src"
  flock 8
  publish_node Silo silo
  publish_node Edge edge
  exec 8<&-
  echo "$fingerprint" >"$stamp"
}

# A process like the others, so that a signal to us ends it too. No build servers: they would outlive us.
publish_node() {
  local status=0
  start_process build dotnet publish "$ROOT/src/$1/$1.csproj" --configuration Release --output "$DATA_DIR/bin/$2" \
    --disable-build-servers --nologo --verbosity quiet
  wait "$PID" || status=$?
  check_interrupted
  rm -f "$RUN_DIR/build.pid"
  ((status == 0)) || {
    grep -E ': (error|warning) ' "$DATA_DIR/build/out.log" | sort -u | head -n 20 >&2 || tail -n 20 "$DATA_DIR/build/out.log" >&2
    fail "the build failed (all of it: $DATA_DIR/build/out.log)"
  }
}

# Names, sizes and times of all that goes into the build.
source_fingerprint() {
  local parts
  parts=$(
    cd "$ROOT" || exit
    find src samples Directory.* global.json \( -name bin -o -name obj -o -name node_modules -o -name dist \) -prune -o -type f -printf '%p %s %T@\n' | sort
  )
  sha256sum <<<"$parts" | cut -d' ' -f1
}
