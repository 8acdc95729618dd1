package store

import (
	"context"
	"database/sql"
	"sync"
)

// The bounds of what is kept: how many statements, how often one has to be asked with before it is among them, and how many others are
// counted. Statements of pages are some hundred and come again and again; those with lists of their own hardly ever do.
const (
	parsedAtMost = 256
	parsedFrom   = 3
	countedMost  = 1024
)

// parsed is a pool of readers that parses a statement once: parsing takes longer than most of them run. What is kept is kept for good, since
// somebody may just be about to ask with it.
type parsed struct {
	*sql.DB

	mu   sync.Mutex
	kept map[string]*sql.Stmt
	seen map[string]int // how often the others were asked with
}

func newParsed(db *sql.DB) *parsed {
	return &parsed{DB: db, kept: map[string]*sql.Stmt{}, seen: map[string]int{}}
}

// QueryContext asks with a statement that is kept.
func (p *parsed) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if stmt := p.statement(ctx, query); stmt != nil { //nolint:sqlclosecheck // it is kept for the next who asks
		return stmt.QueryContext(ctx, args...)
	}
	return p.DB.QueryContext(ctx, query, args...)
}

// QueryRowContext asks for one row with a statement that is kept.
func (p *parsed) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if stmt := p.statement(ctx, query); stmt != nil { //nolint:sqlclosecheck // it is kept for the next who asks
		return stmt.QueryRowContext(ctx, args...)
	}
	return p.DB.QueryRowContext(ctx, query, args...)
}

// statement returns the statement as it is kept; nil when it is not, or cannot be parsed just now: then asking fails in the words of the
// caller's own query.
func (p *parsed) statement(ctx context.Context, query string) *sql.Stmt {
	stmt, worth := p.look(query) //nolint:sqlclosecheck // as above
	if stmt != nil || !worth {
		return stmt
	}
	made, err := p.PrepareContext(ctx, query)
	if err != nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if other := p.kept[query]; other != nil { // somebody else was quicker
		_ = made.Close() //nolint:sqlclosecheck // only this one is given up
		return other
	}
	p.kept[query] = made
	delete(p.seen, query)
	return made
}

// look returns a statement that is kept, and tells of another one whether it is worth keeping.
func (p *parsed) look(query string) (stmt *sql.Stmt, worth bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if stmt = p.kept[query]; stmt != nil || len(p.kept) >= parsedAtMost {
		return stmt, false
	}
	if len(p.seen) >= countedMost {
		clear(p.seen)
	}
	p.seen[query]++
	return nil, p.seen[query] >= parsedFrom
}
