# shellcheck shell=bash
# Vault twice, plain and over TLS: what tests/servers/vault is. Each has the KV engines `secret`
# (version 2) and `kv1` (version 1), and three tokens:
#
#   root-token     may do everything
#   airflow-token  may list secret/connections, and read of it all but `forbidden`
#   other-token    may do nothing here

start_vault() {
    local ports
    ports=$(free_ports 2)
    # shellcheck disable=SC2086
    set -- $ports
    spawn vault "$VAULT_SERVER" "127.0.0.1:$1" root-token
    spawn vault-tls "$VAULT_SERVER" "127.0.0.1:$2" root-token "$DIR/pki/server.pem" "$DIR/pki/server.key"
    await vault curl -sf "http://127.0.0.1:$1/v1/sys/health"
    await vault-tls curl -sf --cacert "$DIR/pki/ca.pem" "https://127.0.0.1:$2/v1/sys/health"
    vault_secrets "http://127.0.0.1:$1" || fail "vault: it refused to take the secrets"
    vault_secrets "https://127.0.0.1:$2" || fail "vault: it refused to take the secrets over TLS"

    cat >"$DIR/vault/env" <<ENV
VAULT_PORT=$1
VAULT_TLS_PORT=$2
ENV
}

stop_vault() {
    stop_process TERM vault
    stop_process TERM vault-tls
}

# vault_secrets URL: makes the engines, secrets and tokens.
vault_secrets() {
    "$VENV/bin/python" - "$1" "$DIR/pki/ca.pem" <<'PY'
import requests, sys, time, urllib.parse
url, ca = sys.argv[1:]

def ask(method, path, body=None):
    for attempt in range(50):
        answer = requests.request(method, f"{url}/v1/{urllib.parse.quote(path)}", json=body, verify=ca,
                                  headers={"X-Vault-Token": "root-token"})
        # An engine of version 2 prepares itself for a moment.
        if not (answer.status_code == 400 and "pgrad" in answer.text):
            break
        time.sleep(0.1)
    answer.raise_for_status()

def secret(name, value):
    ask("POST", f"secret/data/connections/{name}", {"data": value})
    ask("POST", f"kv1/connections/{name}", value)

ask("POST", "sys/mounts/secret", {"type": "kv", "options": {"version": "2"}})
ask("POST", "sys/mounts/kv1", {"type": "kv", "options": {"version": "1"}})
secret("warehouse", {"conn_uri": "postgres://etl:vault-canary@db.example:5433/sales"})
secret("fields", {"conn_type": "mysql", "host": "db.example", "login": "etl", "password": "vault-canary",
                  "port": 3307, "extra": {"charset": "utf8"}})
secret("alias", {"conn_type": "mysql", "host": "db.example", "user": "etl", "password": "vault-canary"})
secret("team a/übung%2f", {"conn_uri": "postgres://etl:vault-canary@db.example/team"})
secret("team a/deeper/still", {"conn_uri": "postgres://etl:vault-canary@db.example/deep"})
secret("forbidden", {"conn_uri": "postgres://etl:vault-canary@db.example/forbidden"})
secret("deleted", {"conn_uri": "postgres://etl:vault-canary@db.example/deleted"})
ask("DELETE", "secret/data/connections/deleted")
ask("DELETE", "kv1/connections/deleted")
ask("PUT", "sys/policy/airflow", {"policy": """
path "secret/metadata/connections/*" { capabilities = ["list"] }
path "secret/data/connections/*" { capabilities = ["read"] }
path "secret/data/connections/forbidden" { capabilities = ["deny"] }
"""})
ask("POST", "auth/token/create", {"id": "airflow-token", "policies": ["airflow"]})
ask("POST", "auth/token/create", {"id": "other-token", "policies": ["default"]})
PY
}
