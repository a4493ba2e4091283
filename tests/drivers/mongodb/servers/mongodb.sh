# shellcheck shell=bash
# demo port: 27117
# FerretDB in the place of MongoDB: its protocol and SCRAM logins over SQLite. It is not MongoDB,
# but its errors for a login are. Two of them: one with a plain and a TLS listener, one whose TLS
# listener demands a client certificate.
#
#   connprobe  password connprobe-demo, in the database admin
#   mongouser  password right, in the database appdb
#   adminuser  password right, in the database admin
#
# The database appdb has the collection events.

start_mongodb() {
    local ports port=${1:-}
    ports=$(free_ports 5)
    # shellcheck disable=SC2086
    set -- $ports
    port=${port:-$1}
    spawn_ferretdb mongodb "$port" "$2"
    spawn_ferretdb mongodb-mtls "$4" "$3" --listen-tls-ca-file="$DIR/pki/ca.pem"
    await mongodb listening "$port"
    await mongodb-mtls listening "$4"
    await mongodb mongodb_users "$port"
    await mongodb-mtls mongodb_users "$4"

    cat >"$DIR/mongodb/env" <<ENV
MONGODB_PORT=$port
MONGODB_TLS_PORT=$2
MONGODB_MTLS_PORT=$3
ENV
}

stop_mongodb() {
    stop_process TERM mongodb
    stop_process TERM mongodb-mtls
}

# spawn_ferretdb NAME PORT TLS_PORT OPTION...
spawn_ferretdb() {
    local name=$1 port=$2 tls_port=$3
    shift 3
    mkdir -p "$DIR/$name/data"
    # --test-enable-new-auth is what turns SCRAM on.
    spawn "$name" "$FERRETDB" --handler=sqlite --sqlite-url="file:$DIR/$name/data/" --state-dir="$DIR/$name" \
        --listen-addr="127.0.0.1:$port" --listen-tls="127.0.0.1:$tls_port" \
        --listen-tls-cert-file="$DIR/pki/server.pem" --listen-tls-key-file="$DIR/pki/server.key" \
        --test-enable-new-auth --setup-username=connprobe --setup-password=connprobe-demo --setup-database=admin \
        --telemetry=disable --debug-addr=- --log-level=info "$@"
}

mongodb_users() {
    "$VENV/bin/python" - "$1" <<'PY'
import pymongo, sys
from pymongo.errors import OperationFailure
port = int(sys.argv[1])
limits = dict(directConnection=True, serverSelectionTimeoutMS=2000)
admin = pymongo.MongoClient("127.0.0.1", port, username="connprobe", password="connprobe-demo", **limits)
for database, user in ("appdb", "mongouser"), ("admin", "adminuser"):
    try:
        admin[database].command("createUser", user, pwd="right", roles=[])
    except OperationFailure as e:
        if "already exists" not in str(e):
            raise
    pymongo.MongoClient("127.0.0.1", port, username=user, password="right", authSource=database, **limits)[database].command("ping")
if "events" not in admin["appdb"].list_collection_names():
    admin["appdb"].create_collection("events")
PY
}
