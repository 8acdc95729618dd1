-- +goose Up
-- An action is one change asked of the CMP, from the page that showed it to its settled outcome.
-- A row is made when a preflight page is shown; only a claimed one is ever sent, and only once.
CREATE TABLE action (
    id            TEXT PRIMARY KEY,
    order_id      TEXT NOT NULL,
    device_id     TEXT NOT NULL,
    verb          TEXT NOT NULL,
    actor         TEXT NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('prepared', 'dispatched', 'ok', 'rejected', 'unknown', 'not_sent',
                      'refused', 'expired', 'effect_present', 'effect_absent', 'undetermined')),
    before_status TEXT NOT NULL,
    reason        TEXT NOT NULL DEFAULT '',
    prepared_at   INTEGER NOT NULL,
    claimed_at    INTEGER,
    dispatched_at INTEGER,
    finished_at   INTEGER,
    settled_at    INTEGER,
    intent_seq    INTEGER NOT NULL DEFAULT 0,
    outcome_seq   INTEGER NOT NULL DEFAULT 0,
    latency_ms    INTEGER NOT NULL DEFAULT 0,
    code          TEXT NOT NULL DEFAULT '',
    message       TEXT NOT NULL DEFAULT '',
    looks         INTEGER NOT NULL DEFAULT 0,
    next_look     INTEGER
) STRICT;
CREATE INDEX action_order ON action (order_id, intent_seq);
CREATE INDEX action_state ON action (state, next_look);

-- One open change an order: the row exists from dispatch until the outcome is certain.
CREATE TABLE order_lock (
    order_id  TEXT PRIMARY KEY,
    action_id TEXT NOT NULL REFERENCES action (id)
) STRICT;
