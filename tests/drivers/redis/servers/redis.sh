# shellcheck shell=bash
# demo port: 26380
# Redis, one process for each kind of it:
#
#   redis           a plain port and one with TLS; the users
#                     default    password right (what `requirepass` sets)
#                     probe      password right, may do what a login needs
#                     bare       password bare-pass, may do nothing
#                     free       let in with any password (nopass)
#                     connprobe  password connprobe-demo
#   redis-mtls      its TLS port demands a client certificate; default has the password right
#   redis-open      no password
#   redis-cluster   one node that has all slots; default has the password right
#   redis-sentinel  a Sentinel without a password
#   redis-replica   a replica without its master, which answers nothing; default has the password right
#   redis-full      takes one client; no password

REDISES="redis redis-mtls redis-open redis-cluster redis-sentinel redis-replica redis-full"

start_redis() {
    local ports port=${1:-} name
    ports=$(free_ports 9)
    # shellcheck disable=SC2086
    set -- $ports
    port=${port:-$1}
    mkdir -p "$DIR/redis"
    cat >"$DIR/redis/users.acl" <<ACL
user default on >right ~* &* +@all
user probe on >right +ping +hello +auth +select
user bare on >bare-pass -@all
user free on nopass ~* &* +@all
user connprobe on >connprobe-demo ~* &* +@all
ACL
    local tls=(--tls-cert-file "$DIR/pki/server.pem" --tls-key-file "$DIR/pki/server.key" --tls-ca-cert-file "$DIR/pki/ca.pem")
    spawn_redis redis "$port" --aclfile "$DIR/redis/users.acl" --tls-port "$2" "${tls[@]}" --tls-auth-clients no
    spawn_redis redis-mtls 0 --requirepass right --tls-port "$3" "${tls[@]}" --tls-auth-clients yes
    spawn_redis redis-open "$4"
    spawn_redis redis-cluster "$5" --requirepass right --cluster-enabled yes --cluster-port "$6"
    mkdir -p "$DIR/redis-sentinel"
    printf 'port %s\nbind 127.0.0.1\n' "$7" >"$DIR/redis-sentinel/sentinel.conf"
    spawn_program redis-sentinel "$DIR/redis-sentinel/sentinel.conf" --sentinel
    spawn_redis redis-replica "$8" --requirepass right --replicaof "127.0.0.1 1" --replica-serve-stale-data no
    spawn_redis redis-full "$9" --maxclients 1
    for name in "$port" "$4" "$5" "$7" "$8"; do
        await redis redis_answers "$name"
    done
    await redis-mtls listening "$3"
    await redis-full listening "$9"
    redis_cli -p "$5" -a right --no-auth-warning cluster addslotsrange 0 16383 >/dev/null

    cat >"$DIR/redis/env" <<ENV
REDIS_PORT=$port
REDIS_TLS_PORT=$2
REDIS_MTLS_PORT=$3
REDIS_OPEN_PORT=$4
REDIS_CLUSTER_PORT=$5
REDIS_SENTINEL_PORT=$7
REDIS_REPLICA_PORT=$8
REDIS_FULL_PORT=$9
ENV
}

stop_redis() {
    local name
    for name in $REDISES; do stop_process TERM "$name"; done
}

redis_libraries() { echo "$REDIS_ROOT"/usr/lib/*-linux-gnu; }

redis_cli() { env LD_LIBRARY_PATH="$(redis_libraries)" "$REDIS_ROOT/usr/bin/redis-cli" "$@"; }

# spawn_redis NAME PORT OPTION...
spawn_redis() {
    local name=$1 port=$2
    shift 2
    mkdir -p "$DIR/$name/data"
    spawn_program "$name" --bind 127.0.0.1 --port "$port" --save "" --dir "$DIR/$name/data" "$@"
}

# spawn_program NAME ARGUMENT...
spawn_program() {
    local name=$1
    shift
    spawn "$name" env LD_LIBRARY_PATH="$(redis_libraries)" "$REDIS_ROOT/usr/bin/redis-server" "$@"
}

# redis_answers PORT: whether a server answers there, whatever it says.
redis_answers() { redis_cli -p "$1" ping 2>&1 | grep -qE 'PONG|NOAUTH'; }
