-- +goose Up
-- What was found wrong with the audit log last, with its mark, which is empty when nothing is: a restart begins with it,
-- because verifying all rows takes a while.
CREATE TABLE audit_verdict (
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    text     TEXT NOT NULL,
    mark     TEXT NOT NULL,
    found_at INTEGER NOT NULL
) STRICT;
