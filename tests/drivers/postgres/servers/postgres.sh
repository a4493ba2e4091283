# shellcheck shell=bash
# demo port: 25432
# PostgreSQL: a role for each outcome of a login, on TCP (127.0.0.1, TLS on) and a unix socket.
# For the tests, not the demo, also two that follow it: a standby, and one that takes no logins.

start_postgres() {
    local port=${1:-$(free_ports 1)} data=$SHORT/pg/data
    mkdir -p "$DIR/postgres"
    # The data lives beside the sockets: the unprivileged user need not be able to enter DIR.
    install -d -m 0755 "$SHORT/pg"
    cp "$DIR"/pki/{ca,server}.pem "$DIR/pki/server.key" "$SHORT/pg"
    echo admin >"$SHORT/pg/password"
    chmod 600 "$SHORT/pg/server.key"
    if [ "$(id -u)" = 0 ]; then chown -R postgres: "$SHORT/pg"; fi

    # From /, because this folder may be closed to that user.
    (
        cd /
        "${UNPRIVILEGED[@]}" "$PG_BIN/initdb" -D "$data" -U admin -A scram-sha-256 --pwfile="$SHORT/pg/password" \
            -E UTF8 --locale=C.UTF-8 --no-sync
    ) >"$DIR/postgres/initdb.log" 2>&1 || fail "postgres: initdb failed: see $DIR/postgres/initdb.log"

    # max_connections leaves room for all the bench accounts at once.
    cat >>"$data/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = '$SHORT/pg'
max_connections = 600
shared_buffers = 64MB
fsync = off
ssl = on
ssl_ca_file = '$SHORT/pg/ca.pem'
ssl_cert_file = '$SHORT/pg/server.pem'
ssl_key_file = '$SHORT/pg/server.key'
CONF
    # The first line that fits decides.
    cat >"$data/pg_hba.conf" <<'HBA'
local     appdb halfpeer              peer map=anybody
local     all all                     scram-sha-256
local     replication all             scram-sha-256
hostssl   appdb halfcert 127.0.0.1/32 cert map=anybody
host      appdb halftrust 127.0.0.1/32 trust
hostssl   all certuser  127.0.0.1/32  cert
host      all certuser  127.0.0.1/32  reject
hostssl   all tlsonly   127.0.0.1/32  scram-sha-256
hostnossl all tlsonly   127.0.0.1/32  reject
hostssl   all certpw    127.0.0.1/32  scram-sha-256 clientcert=verify-ca
host      all certpw    127.0.0.1/32  reject
host      all md5user   127.0.0.1/32  md5
host      all plainuser 127.0.0.1/32  password
host      all trustuser 127.0.0.1/32  trust
host      all nohba     127.0.0.1/32  reject
host      all all       127.0.0.1/32  scram-sha-256
HBA
    # Whoever is let in without a password in appdb is asked for one elsewhere.
    echo 'anybody /^.*$ halfpeer
anybody /^.*$ halfcert' >"$data/pg_ident.conf"
    (cd / && spawn postgres "${UNPRIVILEGED[@]}" "$PG_BIN/postgres" -D "$data")
    await postgres postgres_psql -c 'select 1'
    postgres_roles | postgres_psql -f - || fail "postgres: could not create the roles"
    await postgres env PGPASSWORD=right psql -X "host=127.0.0.1 port=$port user=scramuser dbname=appdb" -c 'select 1'

    local ports=
    if [ -z "${1:-}" ]; then
        ports=$(free_ports 2)
        # shellcheck disable=SC2086
        start_followers $ports
    fi

    cat >"$DIR/postgres/env" <<ENV
PG_PORT=$port
PG_SOCKET_DIR=$SHORT/pg
PG_LOG=$DIR/postgres/log
PG_ADMIN_USER=admin
PG_ADMIN_PASSWORD=admin
PG_STANDBY_PORT=${ports% *}
PG_CLOSED_PORT=${ports#* }
ENV
}

stop_postgres() {
    # The followers first: the primary waits for those that still read from it.
    stop_process INT postgres-closed
    stop_process INT postgres-standby
    stop_process INT postgres
}

# start_followers STANDBY_PORT CLOSED_PORT
start_followers() {
    local name
    (cd / && "${UNPRIVILEGED[@]}" env PGPASSWORD=admin "$PG_BIN/pg_basebackup" -h "$SHORT/pg" -p "$port" -U admin \
        -D "$SHORT/pg/standby" -R --checkpoint=fast --no-sync) >"$DIR/postgres/basebackup.log" 2>&1 ||
        fail "postgres: pg_basebackup failed: see $DIR/postgres/basebackup.log"
    cp -a "$SHORT/pg/standby" "$SHORT/pg/closed"
    echo "port = $1" >>"$SHORT/pg/standby/postgresql.conf"
    printf '%s\n' "port = $2" 'hot_standby = off' >>"$SHORT/pg/closed/postgresql.conf"
    for name in standby closed; do
        (cd / && spawn "postgres-$name" "${UNPRIVILEGED[@]}" "$PG_BIN/postgres" -D "$SHORT/pg/$name")
    done
    await postgres-standby env PGPASSWORD=right psql -X "host=127.0.0.1 port=$1 user=scramuser dbname=appdb" -c 'select 1'
    await postgres-closed listening "$2"
}

postgres_psql() {
    env PGPASSWORD=admin psql -X -q -v ON_ERROR_STOP=1 -h "$SHORT/pg" -p "$port" -U admin -d postgres "$@"
}

postgres_roles() {
    cat <<'SQL'
create role scramuser login password 'right';
create role plainuser login password 'right';
create role trustuser login password 'right';
create role tlsonly login password 'right';
create role certuser login;
create role halfpeer login password 'right';
create role halfcert login password 'right';
create role halftrust login password 'right';
create role certpw login password 'right';
create role nologin nologin password 'right';
create role expired login password 'right' valid until '2001-01-01';
create role limited login password 'right' connection limit 0;
create role nohba login password 'right';
create role noconnect login password 'right';
create role readonly login password 'right';
alter role readonly set default_transaction_read_only = on;
create role connprobe login password 'connprobe-demo';
set password_encryption = 'md5';
create role md5user login password 'right';
reset password_encryption;
create database appdb;
create database demo owner connprobe;
create database restricted;
revoke connect on database restricted from public;
create database closeddb;
alter database closeddb allow_connections false;
-- 500 accounts for the benchmark: one password, hashed once.
begin;
create role bench1 login password 'right';
do $$ declare hash text := (select rolpassword from pg_authid where rolname = 'bench1'); begin
  for i in 2..500 loop execute format('create role bench%s login password %L', i, hash); end loop;
end $$;
commit;
SQL
}
