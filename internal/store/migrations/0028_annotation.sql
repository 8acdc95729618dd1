-- +goose Up
-- What somebody puts on all devices of a selection, or takes off them, and how far that has come: some devices a transaction,
-- which moves it on, so that none has its turn twice.
CREATE TABLE annotation (
    id        TEXT PRIMARY KEY,
    selection TEXT NOT NULL REFERENCES selection (id) ON DELETE CASCADE,
    author    TEXT NOT NULL,
    added     TEXT NOT NULL, -- labels, with commas between them
    removed   TEXT NOT NULL,
    note      TEXT NOT NULL,
    asked     INTEGER NOT NULL,
    devices   INTEGER NOT NULL,
    done      INTEGER NOT NULL, -- of those
    place     INTEGER NOT NULL, -- the line of the selection that had its turn last
    ended     INTEGER NOT NULL, -- 0 while it goes on
    why       TEXT NOT NULL     -- why it ended before its last device
) STRICT, WITHOUT ROWID;

CREATE INDEX annotation_selection ON annotation (selection, asked);
