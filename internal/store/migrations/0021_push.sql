-- +goose Up
-- What the CMP's callbacks bring, as it came: who answers them has stored them here first.
CREATE TABLE push (
    id       INTEGER PRIMARY KEY AUTOINCREMENT, -- a number is never given twice: rows of the log name it
    kind     TEXT NOT NULL,
    received INTEGER NOT NULL,
    source   TEXT NOT NULL,
    headers  TEXT NOT NULL,
    body     BLOB NOT NULL,
    digest   BLOB NOT NULL, -- of kind and body: the same event may come more than once
    signed   TEXT NOT NULL,
    state    TEXT NOT NULL,
    device   TEXT NOT NULL,
    subject  TEXT NOT NULL, -- the order or message that it names
    wrong    TEXT NOT NULL  -- why it cannot be read
) STRICT;
CREATE INDEX push_digest ON push (digest, id);
CREATE INDEX push_state ON push (state, id);
CREATE INDEX push_device ON push (device, id);
