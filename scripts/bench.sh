#!/usr/bin/env bash
# Measures what the parts of a message's way cost, and the whole way beside RabbitMQ's Web STOMP. Prints tables; a run of all leaves them in BenchmarkResults.
#
#   scripts/bench.sh                              both; about a quarter of an hour on a quiet machine
#   scripts/bench.sh micro --filter '*Codec*'     the parts, or some of them (BenchmarkDotNet)
#   scripts/bench.sh load --sessions 200          the whole way: broker, silo and edge as real processes; --help tells the sizes
#   scripts/bench.sh idle, pressure, queues       sessions that do nothing; more than is delivered; the broker by the kind of queue
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
for part in environment packages; do
  # shellcheck source=/dev/null
  source "$here/lib/$part.sh"
done

RESULTS=$ROOT/BenchmarkResults

main() {
  cd "$ROOT"
  require_dotnet_sdk
  install_missing rabbitmq-server=rabbitmq-server postgres=postgresql
  say "building"
  dotnet build tests/Benchmarks --configuration Release --disable-build-servers --nologo --verbosity quiet
  # The nodes of the whole way, as they ship; nobody looks at the demo page.
  dotnet build src/Silo --configuration Release --disable-build-servers --nologo --verbosity quiet
  dotnet build src/Edge --configuration Release --disable-build-servers --nologo --verbosity quiet -p:DemoPage=false
  if (($# > 0)); then
    measure "$@"
  else
    measure micro --folder "$RESULTS"
    measure load --folder "$RESULTS"
  fi
}

measure() { dotnet "$ROOT/tests/Benchmarks/bin/Release/net10.0/NotifyOrleans.Benchmarks.dll" "$@"; }

main "$@"
