#!/usr/bin/env bash
# Run as root: installs packages with apt, without starting their services and without leaving an epmd behind.
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

running_epmds() { grep -lxs epmd /proc/[0-9]*/comm | cut -d/ -f3 | sort; }
epmds_before=$(running_epmds)

install=(apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=300 "$@")
# A fresh machine has no lists, an old one has lists of packages that are gone.
"${install[@]}" 9<&- || { apt-get update 9<&- && "${install[@]}" 9<&-; }

# systemd starts at the next boot what a package enables; these would take our ports.
for service in rabbitmq-server nginx epmd.socket epmd; do
  case " $* " in *" ${service%%.*} "* | *" rabbitmq-server "*) systemctl disable --quiet "$service" 2>/dev/null || true ;; esac
done

comm -13 <(echo "$epmds_before") <(running_epmds) | xargs -r kill
