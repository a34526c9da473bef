# shellcheck shell=bash
# Installs what is missing, on Debian and Ubuntu. The services of the installed packages are not started: we run our own.

# install_missing COMMAND=PACKAGE...: installs the packages whose command is not there.
install_missing() {
  local pair missing=()
  for pair in "$@"; do
    has_command "${pair%%=*}" || missing+=("${pair#*=}")
  done
  ((${#missing[@]} == 0)) || install_packages "${missing[@]}"
}

# Debian keeps servers in sbin, which is not in the PATH of a normal user, and PostgreSQL's programs in a folder for each version.
has_command() {
  local versions
  versions=$(printf ':%s' /usr/lib/postgresql/*/bin)
  PATH=$PATH:/usr/sbin:/sbin$versions command -v "$1" >/dev/null
}

install_packages() {
  command -v apt-get >/dev/null || fail "please install: $* (this is no Debian or Ubuntu, so this script cannot)"
  local as_root=()
  if ((EUID != 0)); then
    command -v sudo >/dev/null || fail "please run once as root: apt-get install $*"
    as_root=(sudo)
  fi
  say "installing $*"
  mkdir -p "$DATA_DIR"
  local log=$DATA_DIR/install.log
  if ! "${as_root[@]}" bash -s -- "$@" <"$ROOT/scripts/lib/apt-install.sh" >"$log" 2>&1 3>&- 4>&- 9>&-; then
    tail -n 20 "$log" >&2
    fail "could not install $* (all of it: $log)"
  fi
}

require_dotnet_sdk() {
  command -v dotnet >/dev/null || PATH=$PATH:$HOME/.dotnet:/usr/share/dotnet:/usr/lib/dotnet
  if ! dotnet --list-sdks 2>/dev/null | grep -q '^10\.'; then
    fail "the .NET 10 SDK is missing. Install it from https://dotnet.microsoft.com/download/dotnet/10.0 and see that 'dotnet --list-sdks' shows a 10.0."
  fi
}
