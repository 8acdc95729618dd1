-- +goose Up
-- A message stands in lists and conversations where it was sent, or tried, and not where its text was looked at before. When that was
-- its action knows as well; it stands here for the indexes.
ALTER TABLE message RENAME COLUMN created_at TO sent_at;
UPDATE message SET sent_at = coalesce((SELECT claimed_at FROM action WHERE action.id = message.action_id), sent_at);
