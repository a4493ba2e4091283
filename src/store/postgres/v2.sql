ALTER TABLE connection ADD COLUMN failing INTEGER NOT NULL DEFAULT 0;

-- What checks came to: of each connection the last few.
CREATE TABLE result (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    connection BIGINT NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
    started_at TEXT COLLATE "C" NOT NULL,
    status TEXT NOT NULL,
    class TEXT,
    code TEXT,
    message TEXT
);

CREATE INDEX result_by_connection ON result (connection, id);
