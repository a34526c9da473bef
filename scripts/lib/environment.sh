# shellcheck shell=bash
# Where things are, what the caller may set, and how the scripts speak. Every script sources this file first.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# A service manager may start us without a home; NuGet and npm want one.
: "${HOME:=~}"
export HOME DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
fail() {
  say "$*"
  exit 1
}

# Everything that the running system writes is in here: data, logs, built programs, pids, the development key.
DATA_DIR=${DATA_DIR:-$ROOT/.data}
[[ $DATA_DIR == /* ]] || DATA_DIR=$PWD/$DATA_DIR
[[ $DATA_DIR != *[[:space:]]* ]] || fail "DATA_DIR must not contain blanks (RabbitMQ's start script splits them): '$DATA_DIR'"
# shellcheck disable=SC2034 # used by the other parts
RUN_DIR=$DATA_DIR/run

# The addresses that are printed. All other ports are free ones, see ports.sh.
EDGE_PORT=${EDGE_PORT:-8080}
SILO_PORT=${SILO_PORT:-8081}
AMQP_PORT=${AMQP_PORT:-5672}
SILOS=${SILOS:-1}
EDGES=${EDGES:-1}
# A broker of yours; empty: one of our own is started.
RABBITMQ_URL=${RABBITMQ_URL:-}

check_environment() {
  local name
  for name in EDGE_PORT SILO_PORT AMQP_PORT; do
    [[ ${!name} =~ ^[1-9][0-9]{0,4}$ && ${!name} -le 65535 ]] || fail "$name must be a port from 1 to 65535, not '${!name}'"
  done
  for name in SILOS EDGES; do
    [[ ${!name} =~ ^[1-9][0-9]?$ ]] || fail "$name must be a number from 1 to 99, not '${!name}'"
  done
  # Each node has its own, which node.sh must find again.
  for name in ASPNETCORE_URLS Cluster__{AdvertisedAddress,SiloPort,GatewayPort} Outbox__Path Authority__Development__SigningKey; do
    [[ -z ${!name:-} ]] || say "$name is not used: each node is given its own"
  done
  [[ $RABBITMQ_URL =~ ^(amqps?://.*)?$ ]] || fail "RABBITMQ_URL must look like amqp://user:password@host:5672/%2f"
}
