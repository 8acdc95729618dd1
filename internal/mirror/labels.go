package mirror

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"cmpconsole/internal/store"
)

// Relabel takes over the labels of devices as they are now, some at a time so that others come to write between two. Devices
// that the mirror does not know get them when it does.
func (m *Mirror) Relabel(ctx context.Context, ids []string) error {
	defer m.sets.forget()
	for part := range slices.Chunk(ids, readAtOnce) {
		if err := m.relabel(ctx, part); err != nil {
			return fmt.Errorf("label devices of the mirror: %w", err)
		}
	}
	return nil
}

func (m *Mirror) relabel(ctx context.Context, ids []string) error {
	unlock, err := m.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	return m.db.Write(ctx, func(tx *sql.Tx) error { return m.label(ctx, tx, ids) })
}

// RelabelAll takes over all labels, and takes off those that are no more: a crash between the two files, or an older copy of the
// other one, would leave them apart for ever.
func (m *Mirror) RelabelAll(ctx context.Context) error {
	for _, side := range []func(context.Context, string, int) ([]string, error){m.Labelled, m.labelledHere} {
		if side == nil {
			continue
		}
		for after := ""; ; {
			ids, err := side(ctx, after, readAtOnce)
			if err != nil {
				return fmt.Errorf("label devices of the mirror: %w", err)
			}
			if len(ids) == 0 {
				break
			}
			if err := m.Relabel(ctx, ids); err != nil {
				return err
			}
			after = ids[len(ids)-1]
		}
	}
	return nil
}

func (m *Mirror) labelledHere(ctx context.Context, after string, most int) ([]string, error) {
	return m.texts(ctx, `SELECT DISTINCT id FROM label CROSS JOIN device USING (n) WHERE id > ? ORDER BY id LIMIT ?`, after, most)
}

// label writes the labels of the devices that the mirror knows, where they are others than those it has.
func (m *Mirror) label(ctx context.Context, q store.Querier, ids []string) error {
	if m.Labels == nil || len(ids) == 0 {
		return nil
	}
	labels, err := m.Labels(ctx, ids)
	if err != nil {
		return err
	}
	had, err := labelsOf(ctx, q, ids)
	if err != nil {
		return err
	}
	var changed []string
	now := [][2]string{}
	for _, id := range ids {
		was, is := slices.Sorted(slices.Values(had[id])), slices.Sorted(slices.Values(labels[id]))
		if slices.Equal(was, is) {
			continue
		}
		changed = append(changed, id)
		for _, name := range is {
			now = append(now, [2]string{id, name})
		}
	}
	if len(changed) == 0 {
		return nil
	}
	if _, err := q.ExecContext(ctx, `DELETE FROM label WHERE n IN (SELECT n FROM device WHERE id IN (SELECT value FROM json_each(?)))`, jsonOf(changed)); err != nil {
		return err
	}
	_, err = q.ExecContext(ctx, `INSERT INTO label (name, n) SELECT j.value ->> 1, d.n FROM json_each(?) AS j CROSS JOIN device AS d ON d.id = j.value ->> 0 WHERE true ON CONFLICT DO NOTHING`, jsonOf(now))
	return err
}

// labelsOf are the labels that devices have in the mirror.
func labelsOf(ctx context.Context, q store.Querier, ids []string) (map[string][]string, error) {
	rows, err := q.QueryContext(ctx, `SELECT id, name FROM device CROSS JOIN label USING (n) WHERE id IN (SELECT value FROM json_each(?))`, jsonOf(ids))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	labels := map[string][]string{}
	for rows.Next() {
		var id, name string
		if err := rows.Scan(&id, &name); err != nil {
			return nil, err
		}
		labels[id] = append(labels[id], name)
	}
	return labels, rows.Err()
}
