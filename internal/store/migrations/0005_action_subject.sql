-- +goose Up
-- An action may be about something else than an order: its lock is held on a subject, an order's id or
-- imei:{device}, and what it wants beyond its verb stands in wants, such as the IMEI to bind.
ALTER TABLE order_lock RENAME TO action_lock;
ALTER TABLE action_lock RENAME COLUMN order_id TO subject;
ALTER TABLE action ADD COLUMN wants TEXT NOT NULL DEFAULT '';
CREATE INDEX action_device ON action (device_id, intent_seq);
