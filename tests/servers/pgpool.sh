# shellcheck shell=bash
# Pgpool-II before the PostgreSQL of the tests: `pgpool`, and `pgpool-down`, whose only backend is a port
# that nobody listens on. pool_passwd knows the password of scramuser and lacks that of md5user.

start_pgpool() {
    local home=$SHORT/pgpool ports name backend closed
    # shellcheck disable=SC1091
    . "$DIR/postgres/env"
    read -ra ports <<<"$(free_ports 5)"
    closed=${ports[4]}
    install -d "$home"
    echo 'scramuser:TEXTright' >"$home/pool_passwd"
    cat >"$home/pool_hba.conf" <<'HBA'
host all scramuser 127.0.0.1/32 scram-sha-256
host all plainuser 127.0.0.1/32 scram-sha-256
host all md5user   127.0.0.1/32 md5
HBA
    : >"$home/pcp.conf"
    : >"$DIR/pgpool/env"
    for name in pgpool pgpool-down; do
        backend=$PG_PORT
        if [ "$name" = pgpool-down ]; then backend=$closed; fi
        cat >"$home/$name.conf" <<CONF
listen_addresses = '127.0.0.1'
port = ${ports[0]}
pcp_port = ${ports[1]}
socket_dir = '$home'
pcp_socket_dir = '$home'
wd_ipc_socket_dir = '$home'
pid_file_name = '$home/$name.pid'
logdir = '$home'
backend_clustering_mode = 'raw'
backend_hostname0 = '127.0.0.1'
backend_port0 = $backend
enable_pool_hba = on
pool_passwd = 'pool_passwd'
num_init_children = 4
max_pool = 1
sr_check_period = 0
health_check_period = 0
memory_cache_enabled = off
CONF
        spawn "$name" env LD_LIBRARY_PATH="$(proxy_libraries)" "$PROXY_ROOT/usr/sbin/pgpool" -n \
            -f "$home/$name.conf" -a "$home/pool_hba.conf" -F "$home/pcp.conf"
        await "$name" listening "${ports[0]}"
        name=${name^^}
        echo "${name//-/_}_PORT=${ports[0]}" >>"$DIR/pgpool/env"
        ports=("${ports[@]:2}")
    done
}

stop_pgpool() {
    stop_process INT pgpool
    stop_process INT pgpool-down
}
