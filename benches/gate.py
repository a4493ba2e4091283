"""What `benches/wait` and `benches/wait-compared` share: the servers, started and stopped one by one, and the tools."""
import contextlib
import datetime
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve()
CONNPROBE = TARGET / "release" / "connprobe"
CACHE = Path(os.environ.get("CONNPROBE_CACHE", Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "connprobe"))
WAIT4X, WAIT_FOR_IT = CACHE / "wait4x/usr/bin/wait4x", CACHE / "wait-for-it/usr/bin/wait-for-it"
PG_BIN = Path("/usr/lib/postgresql/15/bin")
PATIENCE = 60


class Server:
    """A process that tests/servers/up has prepared, and what its log says."""

    def __init__(self, directory, name, port, stop="TERM", options=(), ready=None):
        self.directory, self.name, self.port, self.stop_signal = directory, name, port, stop
        self.options, self.ready_words = options, ready

    def _process(self, action, *more):
        subprocess.run([ROOT / "tests/servers/process", self.directory, action, self.name, *more], check=True)

    def start(self, *options):
        self._process("start", *self.options, *options)

    def stop(self):
        self._process("stop", self.stop_signal)

    def pause(self):
        self._process("pause")

    def log(self):
        return (self.directory / self.name / "log").read_text(errors="replace").splitlines()

    def count(self, words, since=0):
        return sum(words in line for line in self.log()[since:])

    def await_ready(self, since):
        """Waits until the log, from its line `since` on, says that logins are accepted."""
        end = time.time() + PATIENCE
        while not self.count(self.ready_words, since):
            if time.time() > end:
                sys.exit(f"{self.name} did not get ready")
            time.sleep(0.01)

    def ready_at(self, since):
        """When its log, from the line `since` on, says that it accepts logins; None if it does not."""
        for line in self.log()[since:]:
            if self.ready_words in line:
                return stamp(line)
        return None


def stamp(line):
    """The moment that a line of a log begins with: `2026-11-30 22:36:19.821 UTC …` or `2026-11-30T22:36:19.821456Z …`."""
    day, rest = line[:10], line[11:]
    clock = rest.split("Z")[0].split(" ")[0]
    return datetime.datetime.fromisoformat(f"{day}T{clock}+00:00").timestamp()


@contextlib.contextmanager
def servers(names):
    """The servers, prepared and stopped, by the name of their process; stopped for good at the end."""
    # Then the servers are stopped, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    subprocess.run(["tests/servers/install"], cwd=ROOT, check=True)
    subprocess.run(["tests/servers/install", "--bench"], cwd=ROOT, check=True)
    with tempfile.TemporaryDirectory(prefix="connprobe-bench.") as folder:
        folder = Path(folder)
        directory = folder / "servers"
        environment = {**os.environ, "UP_ONLY": names}
        subprocess.run(["tests/servers/up", directory, "--plain"], cwd=ROOT, env=environment, check=True)
        try:
            env = dict(line.split("=", 1) for line in (directory / "servers.env").read_text().splitlines())
            known = {
                "postgres": lambda: Server(directory, "postgres", int(env["PG_PORT"]), "INT",
                                           ("-c", "log_connections=on", "-c", "log_timezone=UTC"), "ready to accept connections"),
                "mysql": lambda: Server(directory, "mysql", int(env["MYSQL_PORT"]), "TERM",
                                        ("--general-log", f"--general-log-file={directory}/mysql/logins"), "ready for connections"),
                "mongodb": lambda: Server(directory, "mongodb", int(env["MONGODB_PORT"])),
                "redis": lambda: Server(directory, "redis", int(env["REDIS_PORT"])),
                "web": lambda: Server(directory, "web", int(env["WEB_PORT"])),
            }
            found = {name: known[name]() for name in names.split()}
            for server in found.values():
                server.stop()
            yield folder, found, env
        finally:
            subprocess.run(["tests/servers/down", directory], cwd=ROOT, check=True)


def definition(server, **other):
    # As go-sql-driver does by itself, MySQL is asked for its key.
    kinds = {"postgres": ("postgres", "demo", {"sslmode": "disable"}),
             "mysql": ("mysql", "demo", {"ssl_mode": "DISABLED", "get_server_public_key": True}),
             "mongodb": ("mongo", "admin", {}), "redis": ("redis", None, {}), "web": ("http", "http", {})}
    kind, schema, extra = kinds[server.name]
    return {"conn_type": kind, "host": "127.0.0.1", "port": server.port, "login": "connprobe", "password": "connprobe-demo",
            "schema": schema, "extra": extra, **other}


def write(folder, name, definitions):
    path = folder / f"{name}.json"
    path.write_text(json.dumps(definitions))
    path.chmod(0o600)
    return path


def wait4x(server, password="connprobe-demo"):
    """The arguments of wait4x for one server. Debian's build knows no Redis: a connection to its port, which is less."""
    login, address = f"connprobe:{password}@", f"127.0.0.1:{server.port}"
    return {
        "postgres": ["postgresql", f"postgres://{login}{address}/demo?sslmode=disable"],
        "mysql": ["mysql", f"{login}tcp({address})/demo"],
        "mongodb": ["mongodb", f"mongodb://{login}{address}/admin"],
        "redis": ["tcp", address],
        "web": ["http", f"http://{login}{address}/", "--expect-status-code", "200"],
    }[server.name]


def dockerize():
    found = sorted(CACHE.glob("dockerize-v*"))
    return found[-1] if found else "dockerize"


def build():
    if not os.environ.get("CONNPROBE_BENCH_NO_BUILD"):
        subprocess.run(["cargo", "build", "--release"], cwd=ROOT, check=True)
