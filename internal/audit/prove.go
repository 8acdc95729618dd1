package audit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"cmpconsole/internal/store"
)

// blockLevel is the level of the tree at which whole blocks stand: 2^8 rows are a block.
const blockLevel = 8

// prover makes proofs that rows stand in the tree of a checkpoint.
type prover struct {
	ctx    context.Context //nolint:containedctx // the proofs' interface passes none; a prover lives as long as one export
	q      store.Querier
	size   int64         // of the checkpoint, 0 when there is none
	levels [][]tlog.Hash // of whole blocks, then of pairs of them, and so on
	block  int64         // whose rows' hashes are at hand
	leaves []tlog.Hash
}

// newestProver makes proofs for the newest checkpoint in the database.
func newestProver(ctx context.Context, q store.Querier) (*prover, error) {
	var size sql.NullInt64
	if err := q.QueryRowContext(ctx, `SELECT max(size) FROM audit_checkpoint`).Scan(&size); err != nil {
		return nil, fmt.Errorf("read checkpoints: %w", err)
	}
	return newProver(ctx, q, size.Int64)
}

var errNoBlock = errors.New("a block of the tree is missing")

func newProver(ctx context.Context, q store.Querier, size int64) (*prover, error) {
	p := &prover{ctx: ctx, q: q, size: size, block: -1, levels: make([][]tlog.Hash, 1)}
	err := eachHash(ctx, q, func(hash []byte) error {
		p.levels[0] = append(p.levels[0], tlog.Hash(hash))
		return nil
	}, `SELECT hash FROM audit_block WHERE n < ? ORDER BY n`, p.size/blockRows)
	if err == nil && int64(len(p.levels[0])) != p.size/blockRows {
		err = errNoBlock
	}
	for under := p.levels[0]; len(under) > 1; under = p.levels[len(p.levels)-1] {
		over := make([]tlog.Hash, len(under)/2)
		for i := range over {
			over[i] = tlog.NodeHash(under[2*i], under[2*i+1])
		}
		p.levels = append(p.levels, over)
	}
	return p, err
}

// prove shows that row seq is a leaf of the checkpoint's tree; nil when the checkpoint is older than the row.
func (p *prover) prove(seq int64) (tlog.RecordProof, error) {
	if seq > p.size {
		return nil, nil
	}
	return tlog.ProveRecord(p.size, seq-1, p)
}

// ReadHashes gives the hashes that a proof is made of.
func (p *prover) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		level, n := tlog.SplitStoredHashIndex(index)
		if level >= blockLevel {
			if level-blockLevel >= len(p.levels) || n >= int64(len(p.levels[level-blockLevel])) {
				return nil, errNoBlock
			}
			hashes[i] = p.levels[level-blockLevel][n]
			continue
		}
		var err error
		if hashes[i], err = p.within(n<<level, (n+1)<<level); err != nil {
			return nil, err
		}
	}
	return hashes, nil
}

// within is the hash of the subtree over rows of one block, counted from 0.
func (p *prover) within(from, to int64) (tlog.Hash, error) {
	if block := from / blockRows; block != p.block {
		p.block, p.leaves = block, p.leaves[:0]
		err := eachHash(p.ctx, p.q, func(hash []byte) error {
			p.leaves = append(p.leaves, tlog.RecordHash(hash))
			return nil
		}, `SELECT hash FROM audit WHERE seq > ? AND seq <= ? ORDER BY seq`, block*blockRows, min((block+1)*blockRows, p.size))
		if err != nil {
			return tlog.Hash{}, err
		}
	}
	if end := min((p.block+1)*blockRows, p.size); int64(len(p.leaves)) != end-p.block*blockRows {
		return tlog.Hash{}, errors.New("a row of the tree is missing")
	}
	from, to = from-p.block*blockRows, to-p.block*blockRows
	var t tree
	for _, leaf := range p.leaves[from:to] {
		t.add(leaf)
	}
	return t.root(), nil
}
