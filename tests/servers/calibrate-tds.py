"""The clients of calibrate-tds: one line for each client and level of encryption.

Usage: calibrate-tds.py DIR, with the servers of tests/servers/up in DIR.
"""
import os
import subprocess
import sys
from pathlib import Path

directory = Path(sys.argv[1])
env = dict(line.split("=", 1) for line in (directory / "servers.env").read_text().splitlines())
ca = env["PKI_DIR"] + "/ca.pem"

# What the server offers, and what FreeTDS is told to ask for.
LEVELS = {"none": "off", "off": "request", "on": "request", "required": "require"}


def port(level):
    return int(env[f"SQLSERVER_{level.upper()}_PORT"])


# FreeTDS, and pymssql which contains it, take the level from a file.
config = directory / "freetds.conf"
config.write_text("[global]\ntds version = 7.4\ntimeout = 10\nconnect timeout = 10\n" + "".join(
    f"[{level}]\nhost = 127.0.0.1\nport = {port(level)}\nencryption = {asked}\n"
    for level, asked in LEVELS.items()))
os.environ["FREETDSCONF"] = str(config)

import pymssql  # noqa: E402  # reads FREETDSCONF
import pytds  # noqa: E402


def freetds(level, password, database):
    run = subprocess.run(["tsql", "-S", level, "-U", "sa", "-P", password, "-D", database, "-o", "q"],
                         input="select 1\ngo\n", text=True, timeout=30, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if run.returncode != 0:
        raise ConnectionError(run.stdout)
    return int(run.stdout.split()[-1])


def query(connection):
    with connection, connection.cursor() as cursor:
        cursor.execute("select 1")
        return cursor.fetchone()[0]


def with_pymssql(level, password, database):
    return query(pymssql.connect(server=level, port=port(level), user="sa", password=password, database=database, login_timeout=10))


def with_pytds(level, password, database):
    tls = {} if level == "none" else {
        "cafile": ca,
        "validate_host": False,  # it does so by a call that pyOpenSSL has dropped
        "enc_login_only": level == "off",
    }
    return query(pytds.connect(dsn="127.0.0.1", port=port(level), user="sa", password=password, database=database,
                               login_timeout=10, timeout=10, disable_connect_retry=True, **tls))


def outcome(client, *arguments):
    try:
        return f"select 1 = {client(*arguments)}"
    except Exception as refusal:
        text = str(refusal)
        # A missing database is told by 4060, severity 11, and then by the general refusal, 18456 of
        # severity 14. Some clients pass on the texts, pymssql the severities and the last number.
        if "Cannot open database" in text or "severity 11" in text:
            return "4060"
        return "18456" if "Login failed for user" in text or "(18456," in text else f"{type(refusal).__name__}: {' '.join(text.split())}"


CASES = ("right", "master", "select 1 = 1"), ("wrong", "master", "18456"), ("right", "nodb", "4060")
failed = False
for name, client in ("FreeTDS tsql", freetds), ("pymssql", with_pymssql), ("python-tds", with_pytds):
    for level in LEVELS:
        seen = [(outcome(client, level, password, database), expected) for password, database, expected in CASES]
        wrong = [f"expected {expected}, saw {got}" for got, expected in seen if got != expected]
        failed |= bool(wrong)
        print(f"{name:12} {level:8} " + ("; ".join(wrong) or "login ok; wrong password refused; missing database refused"))
sys.exit(1 if failed else 0)
