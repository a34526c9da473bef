#!/usr/bin/env bash
# Checks and tests everything against real parts: RabbitMQ, PostgreSQL, Redis, nginx, a browser, STOMP clients. Installs on Debian and Ubuntu what is missing (.NET SDK excepted).
#
#   scripts/test.sh              all
#   scripts/test.sh Stomp Edge   the checks, and the tests of these projects (tests/NAME.Tests)
#
# Ends with one line "N passed, N failed, N skipped". A check that fails (shell scripts, format, build) counts as one failed.
# The exit code is 0 only if something ran and nothing failed. Details of each test run: TestResults/NAME.trx.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
for part in environment packages; do
  # shellcheck source=/dev/null
  source "$here/lib/$part.sh"
done

RESULTS=$ROOT/TestResults
# What runs beside the others, about half of it all: tests of faults mostly wait for these to pass, and alone leave a core idle.
BESIDE=(Torture Streaming.RabbitMQ Silo)
passed=0 failed=0 skipped=0 complete=false beside=

main() {
  trap report EXIT
  local projects project
  cd "$ROOT"
  projects=$(test_projects "$@")
  mapfile -t projects <<<"$projects"
  require_dotnet_sdk
  install_missing rabbitmq-server=rabbitmq-server postgres=postgresql redis-server=redis-server nginx=nginx stomp=python3-stomp chromium=chromium openssl=openssl node=nodejs npm=npm shellcheck=shellcheck
  rm -rf "$RESULTS"
  mkdir -p "$RESULTS"

  # What fails here does not keep the rest from running: one run is to tell all that is wrong.
  check "shell scripts" shellcheck --external-sources scripts/*.sh scripts/lib/*.sh .ci/run || true
  if check build dotnet build NotifyOrleans.sln --configuration Release --warnaserror --disable-build-servers --nologo --verbosity quiet; then
    run_beside "${projects[@]}" &
    beside=$!
    for project in "${projects[@]}"; do if ! is_among "$project" "${BESIDE[@]}"; then run_tests "$project"; fi; done
    # Of these the results are there when the last of them has ended.
    for project in "${BESIDE[@]}"; do if is_among "$project" "${projects[@]}"; then run_tests "$project"; fi; done
    check format result_of format || true
  fi
  complete=true
}

# check NAME COMMAND...: says which check failed, with what the command wrote.
check() {
  local name=$1 log
  log=$RESULTS/${1// /-}.log
  shift
  say "$name"
  "$@" >"$log" 2>&1 </dev/null && return
  cat "$log"
  echo "FAILED: $name"
  failed=$((failed + 1))
  return 1
}

# run_beside PROJECT...: the format check, a minute of one core, and then the tests named in BESIDE, if they are among the projects. What they write and their exit codes stay for result_of.
run_beside() {
  trap 'kill "$!"; exit 1' TERM
  keep_result format dotnet format NotifyOrleans.sln --no-restore --verify-no-changes
  for project in "${BESIDE[@]}"; do if is_among "$project" "$@"; then keep_result "$project" dotnet_test "$project"; fi; done
}

# is_among WORD LIST...
is_among() {
  local word=$1
  shift
  [[ " $* " == *" $word "* ]]
}

keep_result() {
  local name=$1 status=0
  shift
  "$@" >"$RESULTS/$name.out" 2>&1 </dev/null &
  wait "$!" || status=$?
  echo "$status" >"$RESULTS/$name.status"
}

# result_of NAME: waits for what runs beside, writes what it wrote, and returns its exit code.
result_of() {
  [[ -z $beside ]] || wait "$beside" || true
  beside=
  cat "$RESULTS/$1.out"
  return "$(cat "$RESULTS/$1.status" || echo 1)"
}

test_projects() {
  local name folder
  for name in "$@"; do [[ -d tests/$name.Tests ]] || fail "there is no tests/$name.Tests"; done
  (($# == 0)) || { printf '%s\n' "$@" && return; }
  for folder in tests/*.Tests; do basename "$folder" .Tests; done
}

# Takes the place of the shell that it is called in. A test that hangs is ended, and counts as failed, after ten minutes.
dotnet_test() {
  exec dotnet test "tests/$1.Tests" --configuration Release --no-build --nologo --results-directory "$RESULTS" \
    --logger "trx;LogFileName=$1.trx" --logger "console;verbosity=minimal" \
    --blame-hang-timeout 10m --blame-hang-dump-type none </dev/null
}

# One project after another: they start brokers and nodes, and more than two of them at a time would wait for each other's CPU. Of one that ran beside the others the results are taken.
run_tests() {
  local name=$1 status=0 results=$RESULTS/$1.trx failed_before=$failed
  say "tests of $name"
  if is_among "$name" "${BESIDE[@]}"; then result_of "$name"; else (dotnet_test "$name"); fi || status=$?
  if [[ -f $results ]]; then
    count_results "$results"
    list_failed "$results" >>"$RESULTS/failed.out"
  fi
  # It crashed, or did not even begin.
  if ((status != 0 && failed == failed_before)); then
    echo "FAILED: the test run of $name itself (exit code $status)"
    failed=$((failed + 1))
  fi
}

# A trx file has the counts of its run in one element. What neither passed nor failed was skipped; the file's own count of these is always 0.
count_results() {
  local counters total run_passed run_failed
  counters=$(grep -o '<Counters [^>]*>' "$1")
  total=$(counter total) run_passed=$(counter passed)
  run_failed=$(($(counter failed) + $(counter error) + $(counter timeout) + $(counter aborted)))
  passed=$((passed + run_passed)) failed=$((failed + run_failed)) skipped=$((skipped + total - run_passed - run_failed))
}

# list_failed TRX: the names of the tests that failed, each with the beginning of its message. They are repeated at the end, where they are not lost among others.
list_failed() {
  awk '
    match($0, /testName="[^"]*"/) { name = substr($0, RSTART + 10, RLENGTH - 11); failed = /outcome="Failed"/ }
    failed && sub(/^ *<Message>/, "") { print "FAILED: " name; left = 10; failed = 0 }
    left > 0 { left = /<\/Message>/ ? 0 : left - 1; gsub(/&#xD;|<\/Message>/, ""); print "  " substr($0, 1, 300) }' "$1"
}

counter() { grep -oP " $1=\"\K[0-9]+" <<<"$counters" || echo 0; }

# The last line, however the script ends: one that was ended before its end has failed.
report() {
  [[ $complete == true ]] || failed=$((failed + 1))
  [[ -z $beside ]] || kill "$beside" 2>/dev/null || true
  [[ ! -f $RESULTS/failed.out ]] || cat "$RESULTS/failed.out"
  echo "$passed passed, $failed failed, $skipped skipped"
  ((failed == 0 && passed > 0)) || exit 1
}

main "$@"
