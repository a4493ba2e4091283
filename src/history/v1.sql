-- Every change of what is said of a connection.
CREATE TABLE change (
    id TEXT NOT NULL,
    at INTEGER NOT NULL, -- milliseconds since 1970
    from_status TEXT,
    from_class TEXT,
    status TEXT NOT NULL,
    class TEXT,
    failure TEXT -- as in a result
);
CREATE INDEX change_of ON change (id, at);
CREATE INDEX change_at ON change (at);

-- Tallies of checks, by hour and by day since 1970.
CREATE TABLE hour (
    id TEXT NOT NULL, at INTEGER NOT NULL, tally BLOB NOT NULL, PRIMARY KEY (id, at)
) WITHOUT ROWID;
CREATE INDEX hour_at ON hour (at);
CREATE TABLE day (
    id TEXT NOT NULL, at INTEGER NOT NULL, tally BLOB NOT NULL, PRIMARY KEY (id, at)
) WITHOUT ROWID;
CREATE INDEX day_at ON day (at);

-- The last checks of each connection.
CREATE TABLE last (
    id TEXT NOT NULL PRIMARY KEY, checked INTEGER NOT NULL, ring BLOB NOT NULL
) WITHOUT ROWID;
