-- +goose Up
-- Whoever may sign in. The name is stored in lower case; roles is a list such as 'support,manager'.
-- revision grows when the password changes, so that a sign-in under way with the old one comes too late.
CREATE TABLE account (
    id            INTEGER PRIMARY KEY,
    name          TEXT NOT NULL UNIQUE,
    password      TEXT NOT NULL,
    roles         TEXT NOT NULL CHECK (roles <> ''),
    revision      INTEGER NOT NULL DEFAULT 1,
    created_at    INTEGER NOT NULL,
    last_login_at INTEGER,
    disabled_at   INTEGER
) STRICT;

-- The key is the SHA-256 of the cookie's value, so that a copy of this table signs nobody in.
-- Deleting a row ends the session at its next request.
CREATE TABLE session (
    key        BLOB PRIMARY KEY CHECK (length(key) = 32),
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL,
    data       BLOB
) STRICT;
CREATE INDEX session_account ON session (account_id, created_at);

-- Counters of guesses, one moment each (see internal/auth/throttle.go). Keys are hashes, because people
-- type passwords into the field of the name. A row whose moment is past says nothing and may go.
CREATE TABLE login_throttle (
    key   BLOB PRIMARY KEY CHECK (length(key) = 32),
    until INTEGER NOT NULL
) STRICT;
CREATE INDEX login_throttle_until ON login_throttle (until);
