package mirror

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"cmpconsole/internal/store"
)

// The indexes that were not chosen (docs/adr/0007), over the same numbers: three letters in place of four, and none.
const alternatives = `
CREATE TABLE text (n INTEGER PRIMARY KEY, s TEXT NOT NULL) STRICT;
CREATE VIRTUAL TABLE tri USING fts5 (s, tokenize = 'trigram', content = 'text', content_rowid = 'n', detail = none);
`

// alternatives builds them and asks them what parts asks ours.
func (t *trial) alternatives() {
	path := filepath.Join(t.TempDir(), "other.db")
	db, err := store.OpenCache(ctx, path, alternatives, 1)
	t.check(err)
	defer db.Close()
	t.check(db.Write(ctx, t.copyNumbers))
	before, began := fileSize(t, path), time.Now()
	t.check(db.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO tri (rowid, s) SELECT n, s FROM text`)
		return err
	}))
	fmt.Printf("%-58s %10s %10s %10s %10s\n", "trigram index: built at once", "", "", text(time.Since(began)), fmt.Sprintf("%.0f MB", fileSize(t, path)-before))
	ask := func(question string) func() {
		return func() {
			rows, err := db.Read().QueryContext(ctx, question, "%"+t.cut(4+t.dice.IntN(12), -1)+"%")
			t.check(err)
			for rows.Next() {
				var n int64
				t.check(rows.Scan(&n))
			}
			t.check(rows.Close())
		}
	}
	t.timed("trigram index: parts of 4 to 15 digits, mixed", none, ask(`SELECT rowid FROM tri WHERE s LIKE ? LIMIT 21`))
	t.timed("no index, LIKE: parts of 4 to 15 digits, mixed", none, ask(`SELECT n FROM text WHERE s LIKE ? LIMIT 21`))
	t.timed("no columns, SQL: devices of a stage, counted", none, func() {
		var n int
		t.check(t.db.Read().QueryRowContext(ctx, `SELECT count(*) FROM device WHERE lifecycle = '2' AND gone = 0`).Scan(&n))
	})
	t.timed("no columns, SQL: first 50 by expiry", none, func() {
		rows, err := t.db.Read().QueryContext(ctx, `SELECT n FROM device WHERE lifecycle = '2' AND gone = 0 ORDER BY expires, n LIMIT 50`)
		t.check(err)
		for rows.Next() {
			var n int64
			t.check(rows.Scan(&n))
		}
		t.check(rows.Close())
	})
}

// copyNumbers writes the numbers of all devices as texts.
func (t *trial) copyNumbers(tx *sql.Tx) error {
	insert, err := tx.PrepareContext(ctx, `INSERT INTO text (n, s) VALUES (?, ?)`)
	if err != nil {
		return err
	}
	defer insert.Close()
	return t.inBatches(ctx, t.columns.Load().numbers(t.everything()), func(d Device) error {
		var values []string
		for _, n := range d.numbers() {
			values = append(values, n.value)
		}
		_, err := insert.ExecContext(ctx, d.n, strings.Join(values, " "))
		return err
	})
}

func (t *trial) everything() *plan {
	p, err := t.plan(ctx, t.columns.Load(), Filter{})
	t.check(err)
	return p
}

// fileSize is that of a database with its log, in MB.
func fileSize(t *trial, path string) float64 {
	size := int64(0)
	for _, suffix := range []string{"", "-wal"} {
		if info, err := os.Stat(path + suffix); err == nil {
			size += info.Size()
		}
	}
	return float64(size) / 1e6
}
