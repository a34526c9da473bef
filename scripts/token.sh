#!/usr/bin/env bash
# Prints a development token of the running system, good for a working day (8 hours).
#
#   scripts/token.sh USER [ROLE...]
#
# Role `service` may publish and declare, `admin` may operate. Where the environment configures an issuer with a text key
# (Authority__Issuers__0__SigningKey, __Issuer, __Audience), that one signs.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
for part in environment authority jwt; do
  # shellcheck source=/dev/null
  source "$here/lib/$part.sh"
done

[[ -n ${1:-} ]] || {
  sed -n '2,4s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
  exit 2
}
command -v openssl >/dev/null || fail "openssl is missing: apt-get install openssl"
read_issuer

printf -v now '%(%s)T' -1
claims="\"iss\":$(json_string "$ISSUER"),\"aud\":$(json_string "$AUDIENCE")"
claims+=",$(json_string "${Authority__UserClaim:-sub}"):$(json_string "$1"),$(json_string "${Authority__RolesClaim:-roles}"):$(json_array "${@:2}")"
claims+=",\"iat\":$now,\"exp\":$((now + 8 * 3600)),\"jti\":\"$(</proc/sys/kernel/random/uuid)\""
sign_jwt "$ISSUER_KEY" "{$claims}"
