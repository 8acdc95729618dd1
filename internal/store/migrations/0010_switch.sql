-- +goose Up
-- What a person has set for the whole console, such as read-only, with who and why.
CREATE TABLE switch (
    name   TEXT PRIMARY KEY,
    value  TEXT NOT NULL,
    actor  TEXT NOT NULL,
    reason TEXT NOT NULL,
    set_at INTEGER NOT NULL
) STRICT;
