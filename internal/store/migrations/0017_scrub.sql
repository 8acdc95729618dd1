-- +goose Up
-- How far the files are rid of what was erased: how often that was asked for and up to which of those it is done, and the
-- newest row that tells of an erasure whose bytes are gone. Whether an earlier version finished is not known.
CREATE TABLE scrub (
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    asked    INTEGER NOT NULL,
    done     INTEGER NOT NULL,
    freed    INTEGER NOT NULL,
    asked_at INTEGER NOT NULL,
    done_at  INTEGER
) STRICT;
INSERT INTO scrub SELECT 1, EXISTS (SELECT 1 FROM audit WHERE action = 'audit.redact'), 0, 0, 0, NULL;
