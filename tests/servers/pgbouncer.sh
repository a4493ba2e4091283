# shellcheck shell=bash
# PgBouncer before the PostgreSQL of the tests, one process for each way to refuse a login:
#
#   pgbouncer        scram-sha-256, auth_file with the server's SCRAM verifiers; TLS offered
#   pgbouncer-plain  scram-sha-256, auth_file with plain passwords: another salt at each login
#   pgbouncer-md5    md5, auth_file with MD5 hashes
#   pgbouncer-tls    client_tls_sslmode=require
#   pgbouncer-full   max_client_conn=0
#
# In each, the database `down` is at a port that nobody listens on.

PGBOUNCERS="pgbouncer pgbouncer-plain pgbouncer-md5 pgbouncer-tls pgbouncer-full"

start_pgbouncer() {
    local server home=$SHORT/pgbouncer ports name closed
    # shellcheck disable=SC1091
    . "$DIR/postgres/env"
    server="host=127.0.0.1 port=$PG_PORT"
    read -ra ports <<<"$(free_ports 6)"
    closed=${ports[5]}
    # It runs as an unprivileged user, who need not be able to enter DIR.
    install -d -m 0755 "$home"
    cp "$DIR"/pki/{server.pem,server.key} "$home"
    psql_of_pgbouncer "select format('\"%s\" \"%s\"', rolname, rolpassword) from pg_authid where rolname in ('scramuser', 'limited', 'noconnect')" >"$home/verifiers"
    printf '"%s" "right"\n' scramuser limited noconnect >"$home/passwords"
    psql_of_pgbouncer "select format('\"%s\" \"%s\"', rolname, rolpassword) from pg_authid where rolname = 'md5user'" >"$home/digests"
    if [ "$(id -u)" = 0 ]; then chown -R postgres: "$home"; fi
    chmod 600 "$home"/{server.key,verifiers,passwords,digests}

    : >"$DIR/pgbouncer/env"
    for name in $PGBOUNCERS; do
        local port=${ports[0]} type=scram-sha-256 file=verifiers tls=allow most=100
        ports=("${ports[@]:1}")
        case $name in
        *-plain) file=passwords ;;
        *-md5) type=md5 file=digests ;;
        *-tls) tls=require ;;
        *-full) most=0 ;;
        esac
        cat >"$home/$name.ini" <<INI
[databases]
appdb = $server dbname=appdb
nodb = $server dbname=nodb
restricted = $server dbname=restricted
down = host=127.0.0.1 port=$closed dbname=appdb
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $port
unix_socket_dir =
auth_type = $type
auth_file = $home/$file
client_tls_sslmode = $tls
client_tls_cert_file = $home/server.pem
client_tls_key_file = $home/server.key
max_client_conn = $most
query_wait_timeout = 1
server_login_retry = 1
INI
        # shellcheck disable=SC2046
        spawn "$name" env LD_LIBRARY_PATH="$(proxy_libraries)" "$PROXY_ROOT/usr/sbin/pgbouncer" \
            $(if [ "$(id -u)" = 0 ]; then echo -u postgres; fi) "$home/$name.ini"
        await "$name" listening "$port"
        name=${name^^}
        echo "${name//-/_}_PORT=$port" >>"$DIR/pgbouncer/env"
    done
    {
        echo "PGBOUNCER_LOG=$DIR/pgbouncer/log"
        echo "PGBOUNCER_MD5_LOG=$DIR/pgbouncer-md5/log"
        echo "PGBOUNCER_PLAIN_LOG=$DIR/pgbouncer-plain/log"
    } >>"$DIR/pgbouncer/env"
    # shellcheck disable=SC1091
    . "$DIR/pgbouncer/env"
    await pgbouncer env PGPASSWORD=right psql -X "host=127.0.0.1 port=$PGBOUNCER_PORT user=scramuser dbname=appdb" -c 'select 1'
}

stop_pgbouncer() {
    local name
    for name in $PGBOUNCERS; do stop_process INT "$name"; done
}

psql_of_pgbouncer() {
    env PGPASSWORD=admin psql -X -q -At -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$PG_PORT" -U admin -d postgres -c "$1"
}
