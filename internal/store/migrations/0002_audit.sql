-- +goose Up
-- The audit log. body is what is hashed; the columns after hash are copies of its fields for searching,
-- NULL where the record has none, and verification compares them with the body.
CREATE TABLE audit (
    seq        INTEGER PRIMARY KEY,
    body       BLOB NOT NULL,
    prev_hash  BLOB NOT NULL,
    hash       BLOB NOT NULL UNIQUE,
    time       INTEGER NOT NULL,
    actor      TEXT,
    action     TEXT,
    phase      TEXT,
    outcome    TEXT,
    device     TEXT,
    order_id   TEXT,
    of         INTEGER,
    request_id TEXT
) STRICT;
CREATE INDEX audit_actor ON audit (actor, seq) WHERE actor IS NOT NULL;
CREATE INDEX audit_action ON audit (action, seq) WHERE action IS NOT NULL;
CREATE INDEX audit_outcome ON audit (outcome, seq) WHERE outcome IS NOT NULL;
CREATE INDEX audit_device ON audit (device, seq) WHERE device IS NOT NULL;
CREATE INDEX audit_order ON audit (order_id, seq) WHERE order_id IS NOT NULL;
CREATE INDEX audit_of ON audit (of, seq) WHERE of IS NOT NULL;

-- One row: which log this is, and where it ends. The id is in the first row's prev_hash, so that two logs
-- cannot be exchanged; the end makes a cut tail visible.
CREATE TABLE audit_log (
    id     INTEGER PRIMARY KEY CHECK (id = 1),
    log_id TEXT NOT NULL,
    size   INTEGER NOT NULL,
    head   BLOB NOT NULL
) STRICT;

-- The triggers stop mistakes, not whoever can write the file: that is what the chain is for.
-- INSERT OR REPLACE deletes without firing a delete trigger, so an insert may only ever be a new row.
-- +goose StatementBegin
CREATE TRIGGER audit_next BEFORE INSERT ON audit
WHEN NEW.seq IS NOT 1 + max((SELECT coalesce(max(seq), 0) FROM audit), (SELECT coalesce(max(size), 0) FROM audit_log))
    OR EXISTS (SELECT 1 FROM audit WHERE hash = NEW.hash)
BEGIN SELECT RAISE(ABORT, 'audit: only the next row can be added'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_end AFTER INSERT ON audit
BEGIN UPDATE audit_log SET size = NEW.seq, head = NEW.hash; END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'audit: rows cannot be changed'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'audit: rows cannot be deleted'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_log_once BEFORE INSERT ON audit_log
WHEN EXISTS (SELECT 1 FROM audit_log)
BEGIN SELECT RAISE(ABORT, 'audit: the log has its id already'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_log_forward BEFORE UPDATE ON audit_log
WHEN NEW.id IS NOT OLD.id OR NEW.log_id IS NOT OLD.log_id OR NEW.size <= OLD.size
BEGIN SELECT RAISE(ABORT, 'audit: the log keeps its id and only grows'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_log_no_delete BEFORE DELETE ON audit_log
BEGIN SELECT RAISE(ABORT, 'audit: the log keeps its id'); END;
-- +goose StatementEnd
