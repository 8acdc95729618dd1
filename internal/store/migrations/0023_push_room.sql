-- +goose Up
-- What bounds the inbox by the room that it takes, and what its lists are found by.
ALTER TABLE push ADD COLUMN sum     INTEGER NOT NULL DEFAULT 0;  -- bytes of all that came, up to this one
CREATE INDEX push_sum ON push (sum);
CREATE INDEX push_kind ON push (kind, id);
CREATE INDEX purchase_order ON purchase (order_id) WHERE order_id <> '';
CREATE INDEX push_message ON push (message) WHERE message <> '';
CREATE INDEX push_effect ON push (effect, id);
UPDATE push SET first = received WHERE first = 0;
ALTER TABLE push_asked ADD COLUMN answered INTEGER NOT NULL DEFAULT 0; -- whether the CMP answered
