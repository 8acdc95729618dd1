-- +goose Up
CREATE TABLE sms_template (
    name       TEXT PRIMARY KEY,
    content    TEXT NOT NULL,
    author     TEXT NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
