# shellcheck shell=bash
# Who signs development tokens: a key that is made once per DATA_DIR, or the issuer that the environment configures.

# Three lines, readable by the owner alone: key, issuer, audience.
ISSUER_FILE=$DATA_DIR/issuer
DEVELOPMENT_KEY_FILE=$DATA_DIR/development.key
DEVELOPMENT_ISSUER=notifyorleans-development

# Sets ISSUER_KEY, ISSUER and AUDIENCE; false where the environment configures no issuer.
# A configured issuer takes the development one's place in the silo, so also here.
configured_issuer() {
  ISSUER_KEY=${Authority__Issuers__0__SigningKey:-}
  ISSUER=${Authority__Issuers__0__Issuer:-}
  AUDIENCE=${Authority__Issuers__0__Audience:-}
  [[ -n $ISSUER_KEY$ISSUER ]]
}

development_key() {
  if [[ -n ${Authority__Development__SigningKey:-} ]]; then
    echo "$Authority__Development__SigningKey"
    return
  fi
  if [[ ! -s $DEVELOPMENT_KEY_FILE ]]; then
    (
      umask 077
      head -c 48 /dev/urandom | base64 -w 0 >"$DEVELOPMENT_KEY_FILE"
    )
  fi
  cat "$DEVELOPMENT_KEY_FILE"
}

record_issuer() {
  if ! configured_issuer; then
    ISSUER_KEY=$(development_key)
    ISSUER=$DEVELOPMENT_ISSUER
    AUDIENCE=$DEVELOPMENT_ISSUER
  fi
  (
    umask 077
    printf '%s\n' "$ISSUER_KEY" "$ISSUER" "$AUDIENCE" >"$ISSUER_FILE"
  )
}

read_issuer() {
  if ! configured_issuer; then
    [[ -r $ISSUER_FILE ]] || fail "nothing has been started in $DATA_DIR: run scripts/up.sh first, or set DATA_DIR as there"
    { read -r ISSUER_KEY && read -r ISSUER && read -r AUDIENCE; } <"$ISSUER_FILE"
  fi
  [[ -n $ISSUER_KEY ]] || fail "the configured issuer $ISSUER has no text key: only itself can sign its tokens"
}
