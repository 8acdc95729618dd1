-- +goose Up
-- What the CMP said and what we say for ourselves are two things: message is the CMP's, why is ours.
ALTER TABLE action ADD COLUMN why TEXT NOT NULL DEFAULT '';
UPDATE action SET why = message, message = '' WHERE state IN ('refused', 'expired');
