package notebook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// Columns returns the columns that somebody chose for the list of devices, nil while they never did.
func (b *Book) Columns(ctx context.Context, user string) ([]string, error) {
	var chosen string
	err := b.db.Lookup().QueryRowContext(ctx, `SELECT columns FROM column_choice WHERE owner = ?`, user).Scan(&chosen)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the choice of columns: %w", err)
	}
	return strings.Fields(chosen), nil
}

// ChooseColumns keeps somebody's choice of columns, whose names have no spaces. Without any they forget it.
func (b *Book) ChooseColumns(ctx context.Context, user string, columns []string, record func(*sql.Tx) error) error {
	err := b.db.Write(ctx, func(tx *sql.Tx) error {
		var err error
		if len(columns) == 0 {
			_, err = tx.ExecContext(ctx, `DELETE FROM column_choice WHERE owner = ?`, user)
		} else {
			_, err = tx.ExecContext(ctx, `INSERT INTO column_choice (owner, columns) VALUES (?, ?)
				ON CONFLICT (owner) DO UPDATE SET columns = excluded.columns`, user, strings.Join(columns, " "))
		}
		if err != nil {
			return err
		}
		return record(tx)
	})
	if err != nil {
		return fmt.Errorf("keep the choice of columns: %w", err)
	}
	return nil
}
