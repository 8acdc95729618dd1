-- +goose Up
-- The CMP never gives the text of an SMS back, so it is kept here. Each device's message is an action of its own;
-- what is previewed together is a batch.
CREATE TABLE message (
    msg_id      TEXT PRIMARY KEY,
    action_id   TEXT NOT NULL UNIQUE REFERENCES action (id) ON DELETE CASCADE,
    batch       TEXT NOT NULL,
    device_id   TEXT NOT NULL,
    content     TEXT NOT NULL,
    is_binary   INTEGER NOT NULL,
    segments    INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    report      TEXT NOT NULL DEFAULT '',
    reported_at INTEGER
) STRICT;
CREATE INDEX message_batch ON message (batch);
CREATE INDEX message_created ON message (created_at DESC);
CREATE INDEX message_device ON message (device_id, created_at DESC);
