# shellcheck shell=bash
# HAProxy in TCP mode before PostgreSQL and MariaDB: one frontend that passes everything on, one that sends a
# PROXY header first (MariaDB refuses it: it has no proxy_protocol_networks), and one whose only server is a
# port that nobody listens on.

start_haproxy() {
    local ports key
    read -ra ports <<<"$(free_ports 4)"
    for key in postgres mariadb; do
        # shellcheck source=/dev/null
        if [ -e "$DIR/$key/env" ]; then . "$DIR/$key/env"; fi
    done
    cat >"$DIR/haproxy/haproxy.cfg" <<CFG
defaults
    mode tcp
    timeout connect 1s
    timeout client 30s
    timeout server 30s
    retries 0
listen postgres
    bind 127.0.0.1:${ports[0]}
    server postgres 127.0.0.1:${PG_PORT:-${ports[3]}}
listen mariadb-with-header
    bind 127.0.0.1:${ports[1]}
    server mariadb 127.0.0.1:${MARIADB_PORT:-${ports[3]}} send-proxy
listen dead
    bind 127.0.0.1:${ports[2]}
    server nobody 127.0.0.1:${ports[3]}
CFG
    spawn haproxy env LD_LIBRARY_PATH="$(proxy_libraries)" "$PROXY_ROOT/usr/sbin/haproxy" -db -f "$DIR/haproxy/haproxy.cfg"
    await haproxy listening "${ports[2]}"
    cat >"$DIR/haproxy/env" <<ENV
HAPROXY_POSTGRES_PORT=${ports[0]}
HAPROXY_MARIADB_HEADER_PORT=${ports[1]}
HAPROXY_DEAD_PORT=${ports[2]}
ENV
}

stop_haproxy() { stop_process TERM haproxy; }
