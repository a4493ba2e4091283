# shellcheck shell=bash
# shellcheck disable=SC2034  # the names are for the scripts that source this file
# What the scripts in this folder share: where things are kept, how a person is told that
# something went wrong, and how a server process is started, watched and stopped.
#
# State of one run lives in DIR: DIR/<name>/pid, DIR/<name>/log and DIR/<name>/command for each
# process, DIR/<server>/env for what a server adds to DIR/servers.env. A <name> is a server ("mysql")
# or a server and its variant ("sqlserver-strict").

TESTS=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# Those of the drivers, and those of the sources.
SERVERS="$(cd "$TESTS/drivers" && for file in */servers/*.sh; do basename "$file" .sh; done | tr '\n' ' ')vault"
# They stand before the servers, so they start after them; not for the demo.
PROXIES="pgbouncer pgpool haproxy"
CACHE=${CONNPROBE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/connprobe}
VENV=$CACHE/venv
unset PYTHONDONTWRITEBYTECODE  # what moto imports is compiled once, not at every start
FERRETDB_VERSION=v1.24.2
FERRETDB=$CACHE/ferretdb-$FERRETDB_VERSION
DOCKERIZE_VERSION=v0.9.3
DOCKERIZE=$CACHE/dockerize-$DOCKERIZE_VERSION
VAULT_SERVER=$CACHE/vault-server-1.1.2
VERSITYGW_VERSION=v1.8.0
VERSITYGW=$CACHE/versitygw-$VERSITYGW_VERSION
PROXY_ROOT=$CACHE/proxies
REDIS_ROOT=$CACHE/redis
NGINX=$CACHE/nginx/usr/sbin/nginx
PG_BIN=/usr/lib/postgresql/15/bin
WAIT=60  # seconds that a server may take from its start to its first login

# script SERVER: where it is started and stopped.
script() {
    local file
    for file in "$TESTS/servers/$1.sh" "$TESTS"/drivers/*/servers/"$1.sh"; do
        if [ -f "$file" ]; then
            printf '%s\n' "$file"
            return
        fi
    done
    fail "no script starts $1"
}

say() { printf '%s\n' "$*" >&2; }

fail() {
    say "$*"
    exit 1
}

# as_root COMMAND...: as root, or through sudo.
as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# In front of a command that PostgreSQL refuses to run as root.
UNPRIVILEGED=()
if [ "$(id -u)" = 0 ]; then
    UNPRIVILEGED=(setpriv --reuid=postgres --regid=postgres --clear-groups)
fi

# free_ports COUNT: that many ports nobody listens on, below the range the kernel hands out to
# clients, so that nobody takes one by chance before its server does; nor does another server,
# which is looking for its ports at the same time: what was given out is written down.
free_ports() {
    python3 - "$1" "$DIR/ports" <<'PY'
import fcntl, random, socket, sys
with open(sys.argv[2], "a+") as given:
    fcntl.flock(given, fcntl.LOCK_EX)
    given.seek(0)
    # The demo ports too.
    taken = {25432, 23306, 23307, 21433, 27117, 26380, 29000, 28080, *map(int, given.read().split())}
    held = []
    for port in random.sample(sorted(set(range(20000, 32000)) - taken), 4000):
        if len(held) == int(sys.argv[1]):
            break
        s = socket.socket()
        try:
            s.bind(("127.0.0.1", port))
        except OSError:
            continue
        held.append(s)
    ports = [s.getsockname()[1] for s in held]
    print(*ports)
    print(*ports, file=given)
PY
}

# start_time PID: when the process began, in kernel ticks; tells a process from a later one of
# the same number. Fails for one that has ended, whether or not anybody has noticed.
start_time() {
    local stat
    stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
    stat=${stat##*) }
    [ "${stat%% *}" != Z ] || return 1
    cut -d' ' -f20 <<<"$stat"
}

# spawn NAME COMMAND...: starts a process that outlives this shell. The command is kept for tests/servers/process.
spawn() {
    local name=$1 pid
    shift
    mkdir -p "$DIR/$name"
    [ -e "$DIR/$name/command" ] || printf '%s\0' "$@" >"$DIR/$name/command"
    setsid "$@" </dev/null >>"$DIR/$name/log" 2>&1 &
    pid=$!
    echo "$pid $(start_time "$pid" || echo 0)" >"$DIR/$name/pid"
}

running() {
    local pid started
    read -r pid started 2>/dev/null <"$DIR/$1/pid" && [ "$(start_time "$pid")" = "$started" ]
}

# await NAME COMMAND...: repeats COMMAND until it succeeds; gives up when the process has gone.
await() {
    local name=$1 deadline=$((SECONDS + WAIT))
    shift
    until "$@" >"$DIR/$name/await" 2>&1; do
        running "$name" || fail "$name ended before it accepted connections: see $DIR/$name/log"
        [ "$SECONDS" -lt "$deadline" ] ||
            fail "$name did not accept connections within $WAIT s: see $DIR/$name/log and $DIR/$name/await"
        sleep 0.1
    done
    rm -f "$DIR/$name/await"
}

# listening PORT
listening() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# stop_process SIGNAL NAME: asks it to end, insists after 15 s, returns when it is gone.
stop_process() {
    local signal=$1 name=$2 pid deadline=$((SECONDS + 15))
    if running "$name"; then
        read -r pid _ <"$DIR/$name/pid"
        kill -s "$signal" "$pid" 2>/dev/null || true
        while running "$name"; do
            [ "$SECONDS" -lt "$deadline" ] || kill -KILL "$pid" 2>/dev/null || true
            sleep 0.05
        done
    fi
    rm -f "$DIR/$name/pid"
}

# proxy_libraries: where the unpacked proxies find those that this machine may lack.
proxy_libraries() { echo "$PROXY_ROOT"/usr/lib/*-linux-gnu; }
