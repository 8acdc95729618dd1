-- +goose Up
-- A selection is a list of devices under an address of its own: what was pasted line by line, or all that a filter found
-- at one moment. Its lines are numbered from 1.
CREATE TABLE selection (
    id     TEXT PRIMARY KEY,
    owner  INTEGER NOT NULL,
    maker  TEXT NOT NULL,
    made   INTEGER NOT NULL,
    title  TEXT NOT NULL,
    source TEXT NOT NULL,
    filter TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX selection_owner ON selection (owner, made);

CREATE TABLE selection_line (
    selection TEXT NOT NULL REFERENCES selection (id) ON DELETE CASCADE,
    place     INTEGER NOT NULL,
    typed     TEXT NOT NULL,
    read_as   TEXT NOT NULL,
    state     TEXT NOT NULL,
    device    TEXT NOT NULL,
    choices   TEXT NOT NULL,
    note      TEXT NOT NULL,
    asked     INTEGER NOT NULL,
    PRIMARY KEY (selection, place)
) STRICT, WITHOUT ROWID;
