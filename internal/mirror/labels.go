package mirror

import (
	"context"
	"database/sql"
	"fmt"

	"cmpconsole/internal/store"
)

// Relabel takes over the labels of devices as they are now. Devices that the mirror does not know get them when it does.
func (m *Mirror) Relabel(ctx context.Context, ids []string) error {
	m.writing.Lock()
	defer m.writing.Unlock()
	err := m.db.Write(ctx, func(tx *sql.Tx) error { return m.label(ctx, tx, ids) })
	if err != nil {
		return fmt.Errorf("label devices of the mirror: %w", err)
	}
	m.sets.forget()
	return nil
}

// label writes the labels of the devices that the mirror knows.
func (m *Mirror) label(ctx context.Context, q store.Querier, ids []string) error {
	if m.Labels == nil || len(ids) == 0 {
		return nil
	}
	labels, err := m.Labels(ctx, ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if _, err := q.ExecContext(ctx, `DELETE FROM label WHERE n = (SELECT n FROM device WHERE id = ?)`, id); err != nil {
			return err
		}
		for _, name := range labels[id] {
			if _, err := q.ExecContext(ctx, `INSERT INTO label (name, n) SELECT ?, n FROM device WHERE id = ? ON CONFLICT DO NOTHING`, name, id); err != nil {
				return err
			}
		}
	}
	return nil
}
