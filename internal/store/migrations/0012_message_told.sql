-- +goose Up
-- What the CMP tells of a message besides the report, times as it wrote them, and when it was last asked.
ALTER TABLE message ADD COLUMN send_state TEXT NOT NULL DEFAULT '';
ALTER TABLE message ADD COLUMN msisdn TEXT NOT NULL DEFAULT '';
ALTER TABLE message ADD COLUMN send_started TEXT NOT NULL DEFAULT '';
ALTER TABLE message ADD COLUMN send_ended TEXT NOT NULL DEFAULT '';
ALTER TABLE message ADD COLUMN asked_at INTEGER;
