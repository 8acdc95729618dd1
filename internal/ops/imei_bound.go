package ops

import (
	"context"
	"fmt"

	"cmpconsole/internal/store"
)

// bound picks the newest change of each card's binding that took effect. What is to be bound at the card's first use of the network may
// not be yet, so it counts only once a read has shown it.
const bound = `SELECT device_id, wants FROM (
	SELECT device_id, verb, wants, auto_bind, state, row_number() OVER (PARTITION BY device_id ORDER BY intent_seq DESC) AS place
	FROM action WHERE device_id IN (SELECT value FROM json_each(?)) AND verb IN ('bind', 'unbind') AND state IN ('ok', 'effect_present'))
	WHERE place = 1 AND verb = 'bind' AND (auto_bind = 0 OR state = 'effect_present')`

// Bound returns what tells, of those among some devices that were bound here last, the IMEI: a copy of the fleet that is begun anew
// learns it from there, because the CMP tells it of one card at a time only.
func Bound(db *store.DB) func(ctx context.Context, ids []string) (map[string]string, error) {
	return func(ctx context.Context, ids []string) (map[string]string, error) {
		imeis, err := selectByID(ctx, db.Read(), bound, ids)
		if err != nil {
			return nil, fmt.Errorf("read bound IMEIs: %w", err)
		}
		return imeis, nil
	}
}
