-- +goose Up
-- What a doubt is settled by: when the order would have ended by itself, what was read of the thing last, since when
-- reads alone cannot settle it, so that a person has to, and who did, with what reason.
ALTER TABLE action ADD COLUMN expires_at INTEGER;
ALTER TABLE action ADD COLUMN read_state TEXT NOT NULL DEFAULT '';
ALTER TABLE action ADD COLUMN read_at INTEGER;
ALTER TABLE action ADD COLUMN task_at INTEGER;
ALTER TABLE action ADD COLUMN settled_by TEXT NOT NULL DEFAULT '';
ALTER TABLE action ADD COLUMN settled_why TEXT NOT NULL DEFAULT '';
