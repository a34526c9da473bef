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
# Two projects at a time: they start brokers and nodes, and more would wait for each other's CPU. Long ones first, so that the last to end does not run alone for long.
AT_A_TIME=2
LONGEST_FIRST=(System Silo Edge Torture)
# Names the compiler of this run.
COMPILER=notifyorleans-$$
passed=0 failed=0 skipped=0 complete=false
declare -A running=()

main() {
  trap report EXIT
  local projects
  cd "$ROOT"
  projects=$(test_projects "$@")
  mapfile -t projects <<<"$projects"
  require_dotnet_sdk
  install_missing rabbitmq-server=rabbitmq-server postgres=postgresql redis-server=redis-server nginx=nginx stomp=python3-stomp chromium=chromium openssl=openssl node=nodejs npm=npm shellcheck=shellcheck
  rm -rf "$RESULTS"
  mkdir -p "$RESULTS"

  # What fails here does not keep the rest from running: one run is to tell all that is wrong.
  check "shell scripts" shellcheck --external-sources scripts/*.sh scripts/lib/*.sh .ci/run || true
  check format format || true
  if check build build; then
    test_all "${projects[@]}"
  fi
  complete=true
}

format() { dotnet tool restore && dotnet csharpier check .; }

# One compiler serves all projects, half a minute faster than one for each.
build() {
  local status=0
  dotnet build NotifyOrleans.sln --configuration Release --warnaserror --nologo --verbosity quiet \
    -nodeReuse:false -p:UseRazorBuildServer=false -p:UseSharedCompilation=true -p:SharedCompilationId="$COMPILER" || status=$?
  end_compiler
  return "$status"
}

# It would outlive us.
end_compiler() {
  local process
  { grep -la -- "-[p]ipename:$COMPILER" /proc/[0-9]*/cmdline 2>/dev/null || true; } | while IFS=/ read -r _ _ process _; do kill "$process" || true; done
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

# test_all PROJECT...: runs their tests.
test_all() {
  local project
  for project in "$@"; do
    ((${#running[@]} < AT_A_TIME)) || await_tests
    say "$project begins"
    start_tests "$project" >"$RESULTS/$project.out" 2>&1 </dev/null &
    running[$!]=$project
  done
  while ((${#running[@]} > 0)); do await_tests; done
}

# Takes the place of the shell that it is called in.
start_tests() {
  # A test that hangs is ended, and counts as failed, after ten minutes.
  exec dotnet test "tests/$1.Tests" --configuration Release --no-build --nologo --results-directory "$RESULTS" \
    --logger "trx;LogFileName=$1.trx" --logger "console;verbosity=minimal" \
    --blame-hang-timeout 10m --blame-hang-dump-type none
}

# Waits for the first that ends, writes what it wrote, and counts what came of it.
await_tests() {
  local pid project status=0 results failed_before=$failed
  wait -n -p pid "${!running[@]}" || status=$?
  project=${running[$pid]} results=$RESULTS/$project.trx
  unset "running[$pid]"
  say "$project ended"
  cat "$RESULTS/$project.out"
  if [[ -f $results ]]; then
    count_results "$results"
    list_failed "$results" >>"$RESULTS/failed.out"
  fi
  # They crashed, or did not even begin.
  if ((status != 0 && failed == failed_before)); then
    echo "FAILED: $project (exit code $status)"
    failed=$((failed + 1))
  fi
}

# test_projects NAME...: these, or all, each once.
test_projects() {
  local name all
  for name in "$@"; do [[ -d tests/$name.Tests ]] || fail "there is no tests/$name.Tests"; done
  if (($# == 0)); then
    mapfile -t all < <(basename --suffix .Tests tests/*.Tests)
    set -- "${LONGEST_FIRST[@]}" "${all[@]}"
  fi
  printf '%s\n' "$@" | awk '!seen[$0]++'
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
  ((${#running[@]} == 0)) || kill "${!running[@]}" 2>/dev/null || true
  end_compiler
  [[ ! -f $RESULTS/failed.out ]] || cat "$RESULTS/failed.out"
  echo "$passed passed, $failed failed, $skipped skipped"
  ((failed == 0 && passed > 0)) || exit 1
}

main "$@"
