# shellcheck shell=bash
# The broker asks one address who may enter. With several silos that is an nginx in front of them, on docker/nginx/authority.conf as shipped, so that any silo may be down.

wants_authority_proxy() { ((${SILOS:?} > 1)) && [[ -z $RABBITMQ_URL ]]; }

uses_authority_proxy() { [[ -n ${PORTS[authority]:-} ]]; }

# Where the broker asks.
authority_address() {
  if uses_authority_proxy; then echo "http://127.0.0.1:${PORTS[authority]}"; else echo "http://127.0.0.1:${PORTS[silo-1]}"; fi
}

start_authority() {
  local dir=$DATA_DIR/authority number silos=
  mkdir -p "$dir"
  for ((number = 1; number <= SILOS; number++)); do silos+="server 127.0.0.1:${PORTS[silo-$number]}; "; done
  sed -e "s|server silo:8081;|$silos|" -e "s|listen 8081;|listen 127.0.0.1:${PORTS[authority]};|" "$ROOT/docker/nginx/authority.conf" >"$dir/site.conf"
  # One process: the master would leave its worker behind when it is killed.
  cat >"$dir/nginx.conf" <<END
daemon off;
master_process off;
pid $dir/nginx.pid;
error_log stderr;
events {}
http {
  access_log off;
  client_body_temp_path $dir/body;
  proxy_temp_path $dir/proxy;
  fastcgi_temp_path $dir/fastcgi;
  uwsgi_temp_path $dir/uwsgi;
  scgi_temp_path $dir/scgi;
  include $dir/site.conf;
}
END
  start_process authority "$(PATH=$PATH:/usr/sbin command -v nginx)" -e stderr -c "$dir/nginx.conf"
}

await_authority() { await 10 authority port_taken "${PORTS[authority]}" || fail "nginx did not start; see $DATA_DIR/authority/out.log"; }

print_authority() {
  find_process authority
  echo "authority $(authority_address) pid $PID"
}
