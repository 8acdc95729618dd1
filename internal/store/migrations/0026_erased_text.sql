-- +goose Up
-- The texts of SMS from devices can be erased, as those of ours: in the message and in each callback that brought it.
ALTER TABLE push ADD COLUMN erased INTEGER NOT NULL DEFAULT 0;       -- the row of the log that tells who erased the text that it brought
ALTER TABLE mo_message ADD COLUMN erased INTEGER NOT NULL DEFAULT 0; -- likewise
ALTER TABLE mo_message ADD COLUMN named TEXT NOT NULL DEFAULT '';    -- the device as the callback named it; empty for older messages whose callback is gone
UPDATE mo_message SET named = coalesce((SELECT device FROM push WHERE push.id = mo_message.push), '');

-- Whose texts were erased, by what says nothing of them: a hash of a short text could be guessed. A callback that tells of
-- one of them again is stored without its text.
CREATE TABLE erased_text (
    seq    INTEGER NOT NULL, -- the row of the log that tells so
    named  TEXT NOT NULL, -- the device, where that is known
    phone  TEXT NOT NULL,
    dest   TEXT NOT NULL,
    stamp  TEXT NOT NULL,    -- the sender's time, as it came
    seed   BLOB NOT NULL     -- random, in place of the body in the digests of its callbacks
) STRICT;
CREATE INDEX erased_text_origin ON erased_text (phone, dest, stamp);
