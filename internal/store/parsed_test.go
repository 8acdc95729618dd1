package store

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
)

// However many statements are asked with, by however many at once, each answers, few are kept, and what is written later is seen.
func TestManyStatements(t *testing.T) {
	t.Parallel()
	db, err := Open(t.Context(), filepath.Join(t.TempDir(), "console.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var all sync.WaitGroup
	for who := range 8 {
		all.Go(func() {
			for i := range 2 * parsedAtMost {
				var n int
				want := i % (parsedAtMost + 40)
				if err := db.Read().QueryRowContext(t.Context(), fmt.Sprintf(`SELECT ? + %d - ?`, want), who, who).Scan(&n); err != nil || n != want {
					t.Errorf("%d instead of %d, %v", n, want, err)
				}
			}
		})
	}
	all.Wait()
	if n := len(db.reader.kept); n == 0 || n > parsedAtMost+8 { // as many as were parsed at the same time may be more
		t.Errorf("%d statements are kept", n)
	}
	count := func() (n int) {
		if err := db.Read().QueryRowContext(t.Context(), `SELECT count(*) FROM switch`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := count()
	err = db.Write(t.Context(), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(t.Context(), `INSERT INTO switch (name, value, actor, reason, set_at) VALUES ('a', 'b', 'c', 'd', 1)`)
		return err
	})
	if err != nil || count() != before+1 {
		t.Errorf("what was written is not seen: %v", err)
	}
	if _, err := db.Read().QueryContext(t.Context(), `SELECT nothing FROM nowhere`); err == nil {
		t.Error("a wrong statement is none")
	}
}
