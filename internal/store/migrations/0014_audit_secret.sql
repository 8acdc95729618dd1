-- +goose Up
-- Values too personal for rows that can never be erased, such as the text of an SMS. The row holds a commitment, an
-- HMAC of the value under a salt of its own; value and salt stand here until somebody erases them.
CREATE TABLE audit_secret (
    seq   INTEGER NOT NULL,
    field TEXT NOT NULL,
    salt  BLOB NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (seq, field)
) STRICT, WITHOUT ROWID;

-- The triggers stop mistakes, as those of the log do: a value comes with its row, stays as it is, and goes only when
-- a row says so. An insert may never replace, since that deletes without firing a delete trigger.
-- +goose StatementBegin
CREATE TRIGGER audit_secret_once BEFORE INSERT ON audit_secret
WHEN NEW.seq IS NOT (SELECT size FROM audit_log) OR EXISTS (SELECT 1 FROM audit_secret WHERE seq = NEW.seq AND field = NEW.field)
BEGIN SELECT RAISE(ABORT, 'audit: a value is kept with its row only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_secret_no_update BEFORE UPDATE ON audit_secret
BEGIN SELECT RAISE(ABORT, 'audit: values cannot be changed'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_secret_recorded BEFORE DELETE ON audit_secret
WHEN NOT EXISTS (SELECT 1 FROM audit WHERE of = OLD.seq AND action = 'audit.redact' AND json_extract(CAST(body AS TEXT), '$.detail.field') = OLD.field)
BEGIN SELECT RAISE(ABORT, 'audit: values are erased by a row that says so'); END;
-- +goose StatementEnd

-- The row of the log beside which the text of a message stands. Until one is written the text is in content.
ALTER TABLE message ADD COLUMN text_seq INTEGER;
