-- The store itself: one row.
CREATE TABLE store (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    id TEXT NOT NULL,
    key_id TEXT,
    created_at TEXT NOT NULL
) STRICT;

-- The columns of Airflow's table, and ours. A name is not a key; numbers are not used twice.
CREATE TABLE connection (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    uid TEXT NOT NULL UNIQUE,
    version INTEGER NOT NULL DEFAULT 1,
    conn_id TEXT,
    conn_type TEXT,
    description TEXT,
    host TEXT,
    schema TEXT,
    login TEXT,
    password TEXT,
    port INTEGER CHECK (port BETWEEN 1 AND 65535),
    extra TEXT,
    directory TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

CREATE INDEX connection_by_name ON connection (conn_id);
