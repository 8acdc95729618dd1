-- +goose Up
-- The reason is the one that was previewed, and what the preview left out stays told with what was ordered.
ALTER TABLE purchase ADD COLUMN reason TEXT NOT NULL DEFAULT '';
CREATE TABLE purchase_left_out (
    batch     TEXT NOT NULL,
    device_id TEXT NOT NULL,
    why       TEXT NOT NULL,
    PRIMARY KEY (batch, device_id)
) STRICT;
