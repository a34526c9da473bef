#!/usr/bin/env bash
# Run as root: installs packages with apt, without starting their services (RabbitMQ's would leave an epmd behind, too).
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

# One at a time: apt's own lock makes a second one fail.
exec 9</var/lib/dpkg
flock 9

# invoke-rc.d asks this file whether a service may start. A container image may have its own already.
policy=/usr/sbin/policy-rc.d
if [[ ! -e $policy ]]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi

install=(apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=300 "$@")
# A fresh machine has no lists, an old one has lists of packages that are gone.
"${install[@]}" 9<&- || { apt-get update 9<&- && "${install[@]}" 9<&-; }

# systemd would start at the next boot what a package enables, on the ports that ours use.
for service in rabbitmq-server nginx postgresql redis-server; do
  if [[ " $* " == *" $service "* ]]; then systemctl disable --quiet "$service" 2>/dev/null || true; fi
done
