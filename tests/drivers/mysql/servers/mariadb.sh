# shellcheck shell=bash
# demo port: 23307
# MariaDB: an account for each outcome of a login, on TCP (TLS offered) and a unix socket.
# root has no password, from this machine.

start_mariadb() {
    local port=${1:-$(free_ports 1)} data=$DIR/mariadb/data socket=$SHORT/mariadb.sock
    local user=()
    if [ "$(id -u)" = 0 ]; then user=(--user=root); fi
    # A directory of its own for temporary tables: another server that starts deletes those in /tmp.
    mkdir -p "$DIR/mariadb/tmp"
    mariadb-install-db --no-defaults "${user[@]}" --datadir="$data" --tmpdir="$DIR/mariadb/tmp" --auth-root-authentication-method=normal \
        --skip-test-db --innodb-log-file-size=8M >"$DIR/mariadb/install.log" 2>&1 ||
        fail "mariadb: mariadb-install-db failed: see $DIR/mariadb/install.log"

    spawn mariadb mariadbd --no-defaults "${user[@]}" --datadir="$data" --tmpdir="$DIR/mariadb/tmp" --socket="$socket" \
        --bind-address=127.0.0.1 --port="$port" --skip-name-resolve --max-connections=600 \
        --plugin-dir="$CACHE/mariadb/usr/lib/mysql/plugin" --plugin-load-add=auth_ed25519 \
        --innodb-buffer-pool-size=16M --innodb-flush-log-at-trx-commit=0 \
        --ssl-ca="$DIR/pki/ca.pem" --ssl-cert="$DIR/pki/server.pem" --ssl-key="$DIR/pki/server.key"
    await mariadb mariadb_client -e 'select 1'
    mariadb_accounts | mariadb_client --batch || fail "mariadb: could not create the accounts"
    await mariadb mariadb --no-defaults -h 127.0.0.1 -P "$port" -u native -pright appdb -e 'select 1'

    cat >"$DIR/mariadb/env" <<ENV
MARIADB_PORT=$port
MARIADB_SOCKET=$socket
ENV
}

stop_mariadb() { stop_process TERM mariadb; }

mariadb_client() { mariadb --no-defaults -u root -S "$socket" "$@"; }

mariadb_accounts() {
    local accounts
    cat <<'SQL'
create database appdb;
create database demo;
create user native@'127.0.0.1' identified by 'right';
create user ed@'127.0.0.1' identified via ed25519 using password('right');
create user tlsonly@'127.0.0.1' identified by 'right' require ssl;
create user x509only@'127.0.0.1' identified by 'right' require x509;
create user otherhost@'10.1.2.3' identified by 'right';
create user nodbright@'127.0.0.1' identified by 'right';
create user globaluser@'127.0.0.1' identified by 'right';
create user locked@'127.0.0.1' identified by 'right' account lock;
create user expired@'127.0.0.1' identified by 'right' password expire;
create user nopassword@'127.0.0.1';
create user limited@'127.0.0.1' identified by 'right' with max_user_connections -1;
create user connprobe@'127.0.0.1' identified by 'connprobe-demo';
grant all on appdb.* to native@'127.0.0.1', ed@'127.0.0.1', tlsonly@'127.0.0.1', x509only@'127.0.0.1',
  otherhost@'10.1.2.3', locked@'127.0.0.1', expired@'127.0.0.1', nopassword@'127.0.0.1', limited@'127.0.0.1';
grant all on *.* to globaluser@'127.0.0.1';
grant all on demo.* to connprobe@'127.0.0.1';
SQL
    # 500 accounts for the benchmark.
    accounts=$(printf ", bench%s@'127.0.0.1'" $(seq 500))
    echo "create user ${accounts#, };" | sed "s/'127.0.0.1'/& identified by 'right'/g"
    echo "grant all on appdb.* to ${accounts#, };"
}
