package audit

import (
	"context"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"cmpconsole/internal/store"
)

// blockRows is how many rows share one kept hash of the Merkle tree, so that a new root needs few rows.
const blockRows = 256

// tree is a Merkle tree of RFC 6962 that grows at its right end. Its leaves are the hashes of rows: each
// commits to its row's body and to all rows before. It holds one hash for every set bit of its size.
type tree struct {
	size  int64
	roots []tlog.Hash // of the perfect subtrees that make it up, the largest first
}

// add puts the hash of a subtree at the end. All hashes added to one tree must be of equally large subtrees.
func (t *tree) add(h tlog.Hash) {
	for n := t.size; n&1 == 1; n >>= 1 {
		last := len(t.roots) - 1
		h, t.roots = tlog.NodeHash(t.roots[last], h), t.roots[:last]
	}
	t.roots = append(t.roots, h)
	t.size++
}

// root is the hash of the whole tree, zero when it is empty.
func (t *tree) root() (h tlog.Hash) {
	for i := len(t.roots) - 1; i >= 0; i-- {
		if i == len(t.roots)-1 {
			h = t.roots[i]
		} else {
			h = tlog.NodeHash(t.roots[i], h)
		}
	}
	return h
}

// growth is the tree of the whole log: whole blocks, and the rows behind them.
type growth struct {
	blocks, rows tree
	kept         int64 // how many blocks the database keeps
	fresh        []tlog.Hash
}

// readTree builds the tree of the rows up to size: from kept blocks, and from the rows that are in none.
func readTree(ctx context.Context, q store.Querier, size int64) (*growth, error) {
	g := &growth{}
	err := eachHash(ctx, q, func(hash []byte) error {
		g.blocks.add(tlog.Hash(hash))
		return nil
	}, `SELECT hash FROM audit_block WHERE n < ? ORDER BY n`, size/blockRows)
	if err != nil {
		return nil, err
	}
	g.kept = g.blocks.size
	err = eachHash(ctx, q, func(hash []byte) error {
		g.add(hash)
		return nil
	}, `SELECT hash FROM audit WHERE seq > ? AND seq <= ? ORDER BY seq`, g.kept*blockRows, size)
	if got := g.size(); err == nil && got != size {
		err = fmt.Errorf("the log has %d of its first %d rows", got, size)
	}
	return g, err
}

func (g *growth) size() int64 { return g.blocks.size*blockRows + g.rows.size }

// add puts the hash of the next row at the end.
func (g *growth) add(rowHash []byte) {
	g.rows.add(tlog.RecordHash(rowHash))
	if g.rows.size == blockRows {
		block := g.rows.root()
		g.blocks.add(block)
		g.fresh = append(g.fresh, block)
		g.rows = tree{roots: g.rows.roots[:0]}
	}
}

func (g *growth) root() tlog.Hash {
	all := tree{roots: append(append([]tlog.Hash{}, g.blocks.roots...), g.rows.roots...)}
	return all.root()
}

// eachHash calls fn with every hash that the query gives. The bytes are fn's to keep.
func eachHash(ctx context.Context, q store.Querier, fn func(hash []byte) error, query string, args ...any) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("read hashes of the audit log: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var hash []byte
		if err := rows.Scan(&hash); err != nil {
			return fmt.Errorf("read hash of the audit log: %w", err)
		}
		if len(hash) != tlog.HashSize {
			return fmt.Errorf("a hash of the audit log has %d bytes", len(hash))
		}
		if err := fn(hash); err != nil {
			return err
		}
	}
	return rows.Err()
}
