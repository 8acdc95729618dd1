package mirror

import (
	"context"
	"database/sql"
)

// prepared is a transaction that parses each statement once: a page of the CMP's list runs the same few a thousand times.
type prepared struct {
	*sql.Tx
	parsed map[string]*sql.Stmt // closed with the transaction
}

func prepare(tx *sql.Tx) *prepared { return &prepared{tx, map[string]*sql.Stmt{}} }

func (p *prepared) stmt(ctx context.Context, query string) (*sql.Stmt, error) {
	if s := p.parsed[query]; s != nil {
		return s, nil
	}
	s, err := p.PrepareContext(ctx, query) //nolint:gosec // all statements are texts of this package
	if err == nil {
		p.parsed[query] = s
	}
	return s, err
}

// ExecContext is that of the transaction.
func (p *prepared) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	s, err := p.stmt(ctx, query) //nolint:sqlclosecheck // closed with the transaction
	if err != nil {
		return nil, err
	}
	return s.ExecContext(ctx, args...)
}

// QueryContext is that of the transaction.
func (p *prepared) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	s, err := p.stmt(ctx, query) //nolint:sqlclosecheck // closed with the transaction
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}

// QueryRowContext is that of the transaction.
func (p *prepared) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	s, err := p.stmt(ctx, query) //nolint:sqlclosecheck // closed with the transaction
	if err != nil {
		return p.Tx.QueryRowContext(ctx, query, args...) // it tells the error, which a row of ours cannot
	}
	return s.QueryRowContext(ctx, args...)
}
