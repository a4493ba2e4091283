ALTER TABLE connection ADD COLUMN failing INTEGER NOT NULL DEFAULT 0;

-- What checks came to: of each connection the last few.
CREATE TABLE result (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    connection INTEGER NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
    started_at TEXT NOT NULL,
    status TEXT NOT NULL,
    class TEXT,
    code TEXT,
    message TEXT
) STRICT;

CREATE INDEX result_by_connection ON result (connection, id);
