# shellcheck shell=bash
# Signs JSON Web Tokens (HS256) with openssl. Keys go through pipes only: arguments of a process can be read by everyone on the machine.

# sign_jwt KEY CLAIMS-JSON
sign_jwt() {
  local signed
  signed=$(printf '{"alg":"HS256","typ":"JWT"}' | base64url).$(printf '%s' "$2" | base64url)
  printf '%s.%s\n' "$signed" "$(printf '%s' "$signed" | hmac_sha256 "$(key_as_hex "$1")" | base64url)"
}

base64url() { base64 -w 0 | tr '+/' '-_' | tr -d '='; }

# A key is UTF-8 text, or "base64:..." for any bytes.
key_as_hex() {
  case $1 in
    base64:*) printf '%s' "${1#base64:}" | base64 -d ;;
    *) printf '%s' "$1" ;;
  esac | as_hex
}

as_hex() { od -An -v -tx1 | tr -d ' \n'; }

as_octets() {
  local i
  for ((i = 0; i < ${#1}; i += 2)); do printf '%b' "\\x${1:i:2}"; done
}

# hmac_sha256 KEY-HEX, message on standard input (RFC 2104).
hmac_sha256() {
  local key=$1 inner='' outer='' octet i
  if ((${#key} > 128)); then
    # Longer than a block: its hash takes its place.
    key=$(as_octets "$key" | openssl dgst -sha256 -binary | as_hex)
  fi
  for ((i = 0; i < 128; i += 2)); do
    octet=${key:i:2}
    printf -v inner '%s\\x%02x' "$inner" $((16#${octet:-0} ^ 0x36))
    printf -v outer '%s\\x%02x' "$outer" $((16#${octet:-0} ^ 0x5c))
  done
  {
    printf '%b' "$outer"
    { printf '%b' "$inner"; cat; } | openssl dgst -sha256 -binary
  } | openssl dgst -sha256 -binary
}

# json_string TEXT: with quotes.
json_string() {
  local text=$1 code character escape
  text=${text//\\/\\\\}
  text=${text//\"/\\\"}
  if [[ $text == *[[:cntrl:]]* ]]; then
    for code in {1..31}; do
      printf -v character '%b' "$(printf '\\x%02x' "$code")"
      printf -v escape '\\u%04x' "$code"
      text=${text//"$character"/"$escape"}
    done
  fi
  printf '"%s"' "$text"
}

# json_array TEXT...
json_array() {
  local separator='' item
  printf '['
  for item in "$@"; do
    printf '%s' "$separator"
    json_string "$item"
    separator=,
  done
  printf ']'
}
