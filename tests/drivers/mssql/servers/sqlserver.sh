# shellcheck shell=bash
# demo port: 21433
# No SQL Server can be installed without Docker: this is the small TDS server of this crate,
# tds-server (its source is beside this file), held to foreign clients by calibrate-tds. One for each answer to the
# question of encryption, and three whose certificate will not do.

start_sqlserver() {
    local port=${1:-} sa=right name
    # With the fixed ports `sa` has the password of the examples.
    if [ -n "$port" ]; then sa=Connprobe-Demo-1; fi
    [ -x "$TDS_SERVER" ] || fail "sqlserver: build the test server first: cargo build --features live --bin tds-server"
    mkdir -p "$DIR/sqlserver"
    cat >"$DIR/sqlserver/users.json" <<JSON
{
  "users": {
    "sa": {"password": "$sa"},
    "connprobe": {"password": "right"},
    "disabled": {"password": "right", "state": "disabled"},
    "expired": {"password": "right", "state": "expired"},
    "mustchange": {"password": "right", "state": "mustchange"},
    "lockedout": {"password": "right", "state": "lockedout"}
  },
  "databases": ["master", "appdb"],
  "forbidden": ["secretdb"],
  "default": "master"
}
JSON
    spawn_tds none none server
    spawn_tds off off server "${port:-0}"
    spawn_tds on on server
    spawn_tds required required server
    spawn_tds strict strict server
    spawn_tds otherca required otherca-server
    spawn_tds wronghost required wronghost
    spawn_tds expired required expired
    for name in $TDS_VARIANTS; do
        await "sqlserver-$name" test -s "$DIR/sqlserver-$name/port"
        echo "SQLSERVER_${name^^}_PORT=$(cat "$DIR/sqlserver-$name/port")"
    done >"$DIR/sqlserver/env"
}

TDS_VARIANTS="none off on required strict otherca wronghost expired"

stop_sqlserver() {
    local name
    for name in $TDS_VARIANTS; do stop_process TERM "sqlserver-$name"; done
}

# spawn_tds VARIANT ENCRYPTION CERTIFICATE [PORT]
spawn_tds() {
    mkdir -p "$DIR/sqlserver-$1"
    spawn "sqlserver-$1" "$TDS_SERVER" --encryption "$2" --cert "$DIR/pki/$3.pem" --key "$DIR/pki/$3.key" \
        --port "${4:-0}" --users "$DIR/sqlserver/users.json" --ready-file "$DIR/sqlserver-$1/port"
}
