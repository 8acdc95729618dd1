-- +goose Up
-- What callbacks led to. A callback is a hint: what counts is what the CMP said when it was asked afterwards.
ALTER TABLE push ADD COLUMN due     INTEGER NOT NULL DEFAULT 0;  -- not looked at before
ALTER TABLE push ADD COLUMN tries   INTEGER NOT NULL DEFAULT 0;  -- how often the CMP could not be asked
ALTER TABLE push ADD COLUMN done    INTEGER;                     -- when it was settled
ALTER TABLE push ADD COLUMN effect  TEXT    NOT NULL DEFAULT ''; -- what it led to
ALTER TABLE push ADD COLUMN told    TEXT    NOT NULL DEFAULT ''; -- what the CMP said: the order's status, or the message's report
ALTER TABLE push ADD COLUMN holder  TEXT    NOT NULL DEFAULT ''; -- the device whose number it names
ALTER TABLE push ADD COLUMN message TEXT    NOT NULL DEFAULT ''; -- our message that a report was joined to
ALTER TABLE push ADD COLUMN joined  TEXT    NOT NULL DEFAULT ''; -- and by what
ALTER TABLE push ADD COLUMN action  TEXT    NOT NULL DEFAULT ''; -- the action that it led to the end of
ALTER TABLE push ADD COLUMN seq     INTEGER NOT NULL DEFAULT 0;  -- the row of the log that tells so
ALTER TABLE push ADD COLUMN folded  INTEGER NOT NULL DEFAULT 0;  -- one with the same body came later
ALTER TABLE push ADD COLUMN times   INTEGER NOT NULL DEFAULT 1;  -- how many with this body came, this one included
ALTER TABLE push ADD COLUMN first   INTEGER NOT NULL DEFAULT 0;  -- when the first of them came
CREATE INDEX push_due ON push (due, id) WHERE state = 'new';
CREATE INDEX push_shown ON push (id) WHERE folded = 0;
CREATE INDEX push_holder ON push (holder, id);
CREATE INDEX push_subject ON push (subject, id);

-- What the CMP said last of orders that callbacks made us ask about, so that a change is told from a repetition.
CREATE TABLE order_told (
    order_id TEXT PRIMARY KEY,
    device   TEXT NOT NULL,
    status   TEXT NOT NULL,
    at       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- When a callback last had a device's orders read.
CREATE TABLE push_asked (
    device TEXT PRIMARY KEY,
    at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- SMS from devices. Who sent them is not verified.
CREATE TABLE mo_message (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    push     INTEGER NOT NULL,
    digest   BLOB NOT NULL UNIQUE, -- of what makes it the same message
    device   TEXT NOT NULL,
    known    INTEGER NOT NULL,     -- whether the copy of the fleet has the device
    phone    TEXT NOT NULL,
    dest     TEXT NOT NULL,
    content  TEXT NOT NULL,
    stamped  TEXT NOT NULL,        -- by the sender, as it came
    at       INTEGER NOT NULL,     -- by the sender, or when it came
    received INTEGER NOT NULL,
    read_at  INTEGER,
    read_by  TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX mo_message_device ON mo_message (device, at, id);
CREATE INDEX mo_message_unread ON mo_message (id) WHERE read_at IS NULL;

ALTER TABLE action ADD COLUMN confirmed_at INTEGER;          -- when a read showed the effect of what the CMP had accepted
ALTER TABLE message ADD COLUMN provider_id TEXT NOT NULL DEFAULT ''; -- the provider's id of the message, by a report that was joined to it
CREATE INDEX message_provider ON message (provider_id) WHERE provider_id <> '';
