package mirror

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// boundSchema is laid out where it is missing, so that a file from before need not be filled anew for it.
const boundSchema = `CREATE TABLE IF NOT EXISTS bound (id TEXT PRIMARY KEY, imei TEXT NOT NULL, read INTEGER NOT NULL) STRICT, WITHOUT ROWID`

// Binding is what the CMP said last of the IMEI that a card is bound to; it tells that of one card at a time only.
type Binding struct {
	IMEI string // empty: it is bound to none
	Read time.Time
}

// BindAt notes the IMEI that a device is bound to, as the CMP was asked or told at a time; empty: to none.
func (m *Mirror) BindAt(ctx context.Context, id, imei string, at time.Time) error {
	if err := m.Bind(ctx, id, imei); err != nil {
		return err
	}
	unlock, err := m.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	err = m.db.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO bound (id, imei, read) VALUES (?1, ?2, ?3) ON CONFLICT (id) DO UPDATE SET imei = ?2, read = ?3 WHERE read <= ?3`, id, imei, at.Unix())
		return err
	})
	if err != nil {
		return fmt.Errorf("note a binding: %w", err)
	}
	return nil
}

// Binding returns what is known of a card's binding; false when the CMP was never asked.
func (m *Mirror) Binding(ctx context.Context, id string) (b Binding, known bool, err error) {
	var read int64
	err = m.db.Read().QueryRowContext(ctx, `SELECT imei, read FROM bound WHERE id = ?`, id).Scan(&b.IMEI, &read)
	if errors.Is(err, sql.ErrNoRows) {
		return Binding{}, false, nil
	}
	if err != nil {
		return Binding{}, false, fmt.Errorf("read a binding: %w", err)
	}
	b.Read = time.Unix(read, 0).UTC()
	return b, true, nil
}

func (m *Mirror) layOutBound(ctx context.Context) error {
	return m.db.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, boundSchema)
		return err
	})
}
