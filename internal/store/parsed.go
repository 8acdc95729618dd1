package store

import (
	"context"
	"database/sql"
	"sync"
)

// parsedAtMost is how many statements are kept. Those of pages are some hundred; the rest are put together as they are needed.
const parsedAtMost = 256

// parsed is a pool of readers that parses a statement once: parsing takes longer than most of them run.
type parsed struct {
	*sql.DB

	mu   sync.Mutex
	kept map[string]*sql.Stmt
}

func newParsed(db *sql.DB) *parsed { return &parsed{DB: db, kept: map[string]*sql.Stmt{}} }

// QueryContext asks with a statement that is kept.
func (p *parsed) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if stmt := p.statement(ctx, query); stmt != nil {
		return stmt.QueryContext(ctx, args...)
	}
	return p.DB.QueryContext(ctx, query, args...)
}

// QueryRowContext asks for one row with a statement that is kept.
func (p *parsed) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if stmt := p.statement(ctx, query); stmt != nil {
		return stmt.QueryRowContext(ctx, args...)
	}
	return p.DB.QueryRowContext(ctx, query, args...)
}

// statement returns the statement as it is kept; nil when there is no more room, or it cannot be parsed just now: then asking fails in the
// words of the caller's own query.
func (p *parsed) statement(ctx context.Context, query string) *sql.Stmt {
	p.mu.Lock()
	stmt, room := p.kept[query], len(p.kept) < parsedAtMost
	p.mu.Unlock()
	if stmt != nil || !room {
		return stmt
	}
	made, err := p.PrepareContext(ctx, query)
	if err != nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if other := p.kept[query]; other != nil { // somebody else was quicker
		_ = made.Close()
		return other
	}
	p.kept[query] = made
	return made
}
