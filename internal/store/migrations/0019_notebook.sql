-- +goose Up
-- What we ourselves keep about devices. The mirror, which may be deleted, has copies only.
CREATE TABLE label (
    id     INTEGER PRIMARY KEY,
    name   TEXT NOT NULL,
    folded TEXT NOT NULL UNIQUE -- in lower case: two labels never differ by that alone
) STRICT;

CREATE TABLE device_label (
    device_id TEXT NOT NULL,
    label_id  INTEGER NOT NULL REFERENCES label (id),
    author    TEXT NOT NULL,
    at        INTEGER NOT NULL,
    PRIMARY KEY (device_id, label_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX device_label_by_label ON device_label (label_id, device_id);

CREATE TABLE note (
    id        INTEGER PRIMARY KEY AUTOINCREMENT, -- a number is never given twice: rows of the log name it
    device_id TEXT NOT NULL,
    author    TEXT NOT NULL,
    text      TEXT NOT NULL,
    folded    TEXT NOT NULL, -- in lower case, to be searched
    at        INTEGER NOT NULL,
    edited_by TEXT,
    edited_at INTEGER
) STRICT;
CREATE INDEX note_device ON note (device_id, id);

CREATE TABLE saved_view (
    id     TEXT PRIMARY KEY,
    name   TEXT NOT NULL,
    folded TEXT NOT NULL,
    query  TEXT NOT NULL,
    owner  TEXT NOT NULL,
    shared INTEGER NOT NULL,
    at     INTEGER NOT NULL,
    UNIQUE (owner, folded)
) STRICT;

CREATE TABLE column_choice (
    owner   TEXT PRIMARY KEY,
    columns TEXT NOT NULL
) STRICT;
