-- +goose Up
-- Since when callbacks are awaited: the first start with a token since the last one without.
CREATE TABLE push_awaited (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    since INTEGER NOT NULL
) STRICT;

-- Those that came before this was noted were awaited; whoever has no token any more loses the row at the next start.
INSERT INTO push_awaited (id, since) SELECT 1, received FROM push ORDER BY id DESC LIMIT 1;

-- Changes that the CMP has taken, after which a callback is to come.
CREATE INDEX action_taken ON action (claimed_at, verb) WHERE state IN ('ok', 'effect_present');
