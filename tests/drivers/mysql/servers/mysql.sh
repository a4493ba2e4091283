# shellcheck shell=bash
# demo port: 23306
# MySQL 9 from the unpacked packages, with the C library it was built for: an account for each
# outcome of a login, on TCP (TLS offered) and a unix socket. root has no password, from this
# machine. There is no mysql_native_password any more: MariaDB covers that.

start_mysql() {
    local port=${1:-$(free_ports 1)} home=$DIR/mysql root=$CACHE/mysql
    local socket=$SHORT/mysql.sock loader
    loader=$(echo "$root"/usr/lib/*/ld-linux-*.so.*)
    local mysqld=("$loader" --library-path "${loader%/*}" "$root/usr/sbin/mysqld" --defaults-file="$home/my.cnf")
    mkdir -p "$home/tmp"
    mysql_accounts >"$home/accounts.sql"
    cat >"$home/my.cnf" <<CONF
[mysqld]
datadir = $home/data
tmpdir = $home/tmp
socket = $socket
pid_file = $home/data/pid
bind_address = 127.0.0.1
port = $port
basedir = $root/usr
lc_messages_dir = $root/usr/share/mysql
character_sets_dir = $root/usr/share/mysql/charsets
plugin_dir = $root/usr/lib/mysql/plugin
secure_file_priv = NULL
ssl_ca = $DIR/pki/ca.pem
ssl_cert = $DIR/pki/server.pem
ssl_key = $DIR/pki/server.key
mysqlx = OFF
skip_name_resolve
skip_log_bin
performance_schema = OFF
innodb_redo_log_capacity = 64M
innodb_flush_method = nosync
innodb_doublewrite = OFF
CONF
    if [ "$(id -u)" = 0 ]; then echo 'user = root' >>"$home/my.cnf"; fi
    "${mysqld[@]}" --initialize-insecure >"$home/initialize.log" 2>&1 ||
        fail "mysql: initialize failed: see $home/initialize.log"

    spawn mysql "${mysqld[@]}" --init-file="$home/accounts.sql"
    await mysql mariadb --no-defaults -u root -S "$socket" -e 'select 1'
    await mysql mysql_login "$port"

    cat >"$DIR/mysql/env" <<ENV
MYSQL_PORT=$port
MYSQL_SOCKET=$socket
ENV
}

stop_mysql() { stop_process TERM mysql; }

mysql_login() {
    "$VENV/bin/python" - "$1" <<'PY'
import pymysql, sys
pymysql.connect(host="127.0.0.1", port=int(sys.argv[1]), user="sha2user", password="right", database="appdb").close()
PY
}

# An init file: one statement to a line.
mysql_accounts() {
    cat <<'SQL'
create database appdb;
create database demo;
create user sha2user@'127.0.0.1' identified by 'right';
create user sha2cold@'127.0.0.1' identified by 'right';
create user sha256user@'127.0.0.1' identified with sha256_password by 'right';
create user tlsonly@'127.0.0.1' identified by 'right' require ssl;
create user x509only@'127.0.0.1' identified by 'right' require x509;
create user otherhost@'10.1.2.3' identified by 'right';
create user nodbright@'127.0.0.1' identified by 'right';
create user globaluser@'127.0.0.1' identified by 'right';
create user locked@'127.0.0.1' identified by 'right' account lock;
create user expired@'127.0.0.1' identified by 'right' password expire;
create user connprobe@'127.0.0.1' identified by 'connprobe-demo';
grant all on appdb.* to sha2user@'127.0.0.1', sha2cold@'127.0.0.1', sha256user@'127.0.0.1', tlsonly@'127.0.0.1', x509only@'127.0.0.1', otherhost@'10.1.2.3', locked@'127.0.0.1', expired@'127.0.0.1';
grant all on *.* to globaluser@'127.0.0.1';
grant all on demo.* to connprobe@'127.0.0.1';
SQL
}
