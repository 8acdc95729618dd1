-- +goose Up
-- A purchase is one package ordered for one device; what is previewed together is a batch. Each is an action of
-- its own, so that a lost answer puts one device in doubt and not all of them.
CREATE TABLE purchase (
    action_id    TEXT PRIMARY KEY REFERENCES action (id) ON DELETE CASCADE,
    batch        TEXT NOT NULL,
    device_id    TEXT NOT NULL,
    package_code TEXT NOT NULL,
    package_name TEXT NOT NULL,
    package_type TEXT NOT NULL,
    periods      INTEGER NOT NULL,
    is_open      INTEGER NOT NULL,
    paid         INTEGER NOT NULL,
    amount       TEXT NOT NULL,
    test_flow    TEXT NOT NULL,
    order_id     TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX purchase_batch ON purchase (batch);
