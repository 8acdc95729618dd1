-- +goose Up
-- What lists of the log need beside the indexes by one column: pairs of columns that are each too common to read through,
-- and what was done to things, which is rare among what was only looked at. internal/audit/plan.go names them all.
CREATE INDEX audit_actor_action ON audit (actor, action, seq) WHERE actor IS NOT NULL AND action IS NOT NULL;
CREATE INDEX audit_actor_outcome ON audit (actor, outcome, seq) WHERE actor IS NOT NULL AND outcome IS NOT NULL;
CREATE INDEX audit_action_outcome ON audit (action, outcome, seq) WHERE action IS NOT NULL AND outcome IS NOT NULL;
CREATE INDEX audit_change ON audit (seq) WHERE (phase = 'outcome' OR action LIKE '%.settled' OR outcome = 'refused');
CREATE INDEX audit_change_actor ON audit (actor, seq) WHERE (phase = 'outcome' OR action LIKE '%.settled' OR outcome = 'refused');
CREATE INDEX audit_change_device ON audit (device, seq) WHERE (phase = 'outcome' OR action LIKE '%.settled' OR outcome = 'refused');
CREATE INDEX audit_change_order ON audit (order_id, seq) WHERE (phase = 'outcome' OR action LIKE '%.settled' OR outcome = 'refused');

-- The earliest and latest moment of every 512 rows. Clocks jump back, so a time range is not a range of rows.
CREATE INDEX audit_span ON audit (seq >> 9, time);
