-- +goose Up
-- Whether a binding is to be made at the card's first use of the network only, which may be long after it was asked for.
ALTER TABLE action ADD COLUMN auto_bind INTEGER NOT NULL DEFAULT 0;
