# shellcheck shell=bash
# demo port: 29000
# S3 three times: rclone's S3 server on a folder, plain and over TLS, one key pair, no STS; moto, plain and over TLS,
# which has IAM and STS and checks signatures and policies, and once more without checking anything; and versitygw,
# in another region than the usual one, with a user that may use no bucket. The demo, on its fixed port, has the first
# alone. moto also plays Secrets Manager and the Parameter Store, with connections in them.

start_s3() {
    local fixed=${1:-} port ports home=$DIR/s3
    ports=$(free_ports 6)
    # shellcheck disable=SC2086
    set -- $ports
    port=${fixed:-$1}
    mkdir -p "$home"/buckets/{appbucket,demo} "$home/home"
    echo hello >"$home/buckets/appbucket/object"
    echo hello >"$home/buckets/demo/object"

    spawn_rclone s3-rclone "$port"
    if [ -n "$fixed" ]; then
        await s3-rclone s3_list "http://127.0.0.1:$port"
        echo "S3_PORT=$port" >"$home/env"
        return
    fi
    spawn_rclone s3-rclone-tls "$2" --cert "$DIR/pki/server.pem" --key "$DIR/pki/server.key"
    spawn_moto s3-moto "$3"
    spawn_moto s3-moto-tls "$4" -s -c "$DIR/pki/server.pem" -k "$DIR/pki/server.key"
    spawn_moto s3-moto-open "$5"
    spawn_versitygw s3-versitygw "$6"

    await s3-rclone listening "$port"
    await s3-rclone-tls listening "$2"
    await s3-rclone s3_list "http://127.0.0.1:$port"
    await s3-rclone-tls s3_list "https://127.0.0.1:$2"
    await s3-moto curl -sf "http://127.0.0.1:$3/moto-api/data.json"
    await s3-moto-tls curl -sf --cacert "$DIR/pki/ca.pem" "https://127.0.0.1:$4/moto-api/data.json"
    await s3-moto-open curl -sf "http://127.0.0.1:$5/moto-api/data.json"
    await s3-versitygw versitygw_user "http://127.0.0.1:$6"
    moto_accounts "http://127.0.0.1:$3" MOTO >"$home/moto" || fail "s3: moto refused to make the accounts"
    moto_accounts "https://127.0.0.1:$4" MOTO_TLS >"$home/moto-tls" || fail "s3: moto refused to make the accounts"

    cat - "$home/moto" "$home/moto-tls" >"$home/env" <<ENV
S3_PORT=$port
S3_TLS_PORT=$2
S3_ACCESS_KEY=connprobekey
S3_SECRET_KEY=connprobe-right-secret
S3_BUCKET=appbucket
MOTO_PORT=$3
MOTO_TLS_PORT=$4
MOTO_OPEN_PORT=$5
VERSITYGW_PORT=$6
VERSITYGW_REGION=eu-central-1
VERSITYGW_ACCESS_KEY=versitygwroot
VERSITYGW_SECRET_KEY=right-secret-of-root
VERSITYGW_LIMITED_ACCESS_KEY=versitygwlimited
VERSITYGW_LIMITED_SECRET_KEY=right-secret-of-limited
ENV
}

stop_s3() {
    local name
    for name in s3-rclone s3-rclone-tls s3-moto s3-moto-tls s3-moto-open s3-versitygw; do stop_process TERM "$name"; done
}

# spawn_rclone NAME PORT OPTION...
spawn_rclone() {
    local name=$1 port=$2
    shift 2
    spawn "$name" env HOME="$DIR/s3/home" "$VENV/bin/rclone" serve s3 --config /dev/null --addr "127.0.0.1:$port" \
        --auth-key connprobekey,connprobe-right-secret --auth-key connprobe-demo-key,connprobe-demo-secret \
        "$@" "$DIR/s3/buckets"
}

# spawn_moto NAME PORT OPTION...
# It checks nothing until moto_accounts has made the accounts.
spawn_moto() {
    local name=$1 port=$2
    shift 2
    spawn "$name" env INITIAL_NO_AUTH_ACTION_COUNT=1000000 "$VENV/bin/moto_server" -H 127.0.0.1 -p "$port" "$@"
}

# spawn_versitygw NAME PORT
spawn_versitygw() {
    local name=$1 port=$2
    mkdir -p "$DIR/s3/versitygw"/{data/appbucket,iam}
    spawn "$name" "$VERSITYGW" --quiet --access versitygwroot --secret right-secret-of-root --region eu-central-1 \
        --port "127.0.0.1:$port" --iam-dir "$DIR/s3/versitygw/iam" posix "$DIR/s3/versitygw/data"
}

# versitygw_user URL: makes the user that may use no bucket, which works once the server does.
versitygw_user() {
    "$VERSITYGW" admin --allow-insecure --access versitygwroot --secret right-secret-of-root --region eu-central-1 \
        --endpoint-url "$1" create-user --access versitygwlimited --secret right-secret-of-limited --role user
}

s3_list() {
    "$VENV/bin/python" - "$1" "$DIR/pki/ca.pem" <<'PY'
import boto3, sys
boto3.client("s3", endpoint_url=sys.argv[1], region_name="us-east-1", verify=sys.argv[2],
             aws_access_key_id="connprobekey", aws_secret_access_key="connprobe-right-secret").list_objects_v2(Bucket="appbucket")
PY
}

# moto_accounts URL PREFIX: makes the accounts, turns the checks on, prints the keys.
moto_accounts() {
    "$VENV/bin/python" - "$1" "$2" "$DIR/pki/ca.pem" <<'PY'
import boto3, json, requests, sys
url, prefix, ca = sys.argv[1:]

def client(service, key="any", secret="any"):
    return boto3.client(service, endpoint_url=url, region_name="us-east-1", verify=ca,
                        aws_access_key_id=key, aws_secret_access_key=secret)

def show(name, value):
    print(f"{prefix}_{name}={value}")

iam = client("iam")
def statement(**more):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **more}]})

backends = ["secretsmanager:*", "ssm:*"]
listing = ["secretsmanager:ListSecrets"]
for user, name, actions in ("full", "", ["s3:*", "sts:*", *backends]), ("nopolicy", "NOPOLICY_", []), ("lister", "LISTER_", listing):
    iam.create_user(UserName=user)
    if actions:
        iam.put_user_policy(UserName=user, PolicyName="p", PolicyDocument=statement(Action=actions, Resource="*"))
    key = iam.create_access_key(UserName=user)["AccessKey"]
    show(name + "ACCESS_KEY", key["AccessKeyId"])
    show(name + "SECRET_KEY", key["SecretAccessKey"])
role = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=statement(Action="sts:AssumeRole", Principal={"AWS": "*"}))
iam.put_role_policy(RoleName="reader", PolicyName="p", PolicyDocument=statement(Action="s3:*", Resource="*"))
show("ROLE_ARN", role["Role"]["Arn"])
client("s3").create_bucket(Bucket="appbucket")

secrets, parameters = client("secretsmanager"), client("ssm")
def keep(name, text, **more):
    secrets.create_secret(Name="airflow/" + name, SecretString=text)
    parameters.put_parameter(Name="/airflow/" + name, Value=text, Type="SecureString", **more)
keep("connections/warehouse", "postgres://etl:moto-canary@db.example:5433/sales")
keep("connections/fields", json.dumps({"conn_type": "mysql", "host": "db.example", "login": "etl", "password": "moto-canary", "port": 3307}))
keep("connections/team--shared", "postgres://etl:moto-canary@db.example/team")
keep("connections/deep/er", "postgres://etl:moto-canary@db.example/deep")
keep("connections-old/stray", "postgres://etl:moto-canary@db.example/stray")
for number in range(120):
    keep(f"many/c{number:03}", f"postgres://etl:moto-canary@db.example/n{number}")
secrets.create_secret(Name="airflow/connections/rds", SecretString=json.dumps(
    {"engine": "postgres", "host": "db.example", "username": "etl", "password": "moto-canary", "dbname": "sales"}))
secrets.create_secret(Name="airflow/connections/binary", SecretBinary=b"moto-canary")
requests.post(url + "/moto-api/reset-auth", data="0", verify=ca).raise_for_status()
PY
}
