package webhook

import (
	"database/sql"
	"errors"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/store"
)

// Callbacks are awaited since the first start with a token; a start without one ends that.
func TestAwaitedSince(t *testing.T) {
	t.Parallel()
	now := noon
	i := newInbox(t, Options{Tokens: []string{"token"}, Now: func() time.Time { return now }})
	for _, tt := range []struct {
		tokens []string
		want   time.Time
	}{
		{[]string{"token"}, noon}, {[]string{"new", "token"}, noon}, {nil, time.Time{}}, {[]string{"token"}, noon.Add(3 * time.Hour)},
	} {
		i.Tokens = tt.tokens
		if err := i.Await(t.Context()); err != nil {
			t.Fatal(err)
		}
		if since, err := i.AwaitedSince(t.Context()); !since.Equal(tt.want) || err != nil {
			t.Errorf("with %v since %v, want %v, %v", tt.tokens, since, tt.want, err)
		}
		now = now.Add(time.Hour)
	}
}

// A console that had callbacks before it noted since when they are awaited goes on counting from the last one; one that had none counts from its start.
func TestAwaitedSinceBeforeThatWasNoted(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		came int
		want time.Time
	}{"none came": {0, noon.Add(100 * time.Hour)}, "some came": {3, noon.Add(2 * time.Hour)}} {
		path, now := filepath.Join(t.TempDir(), "console.db"), noon
		db, err := store.Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		o := Options{Tokens: []string{"token"}, Now: func() time.Time { return now }}
		o.Log = audit.New(db, o.Now)
		for n := range tt.came {
			now = noon.Add(time.Duration(n) * time.Hour)
			if _, err := NewInbox(db, o).Receive(t.Context(), SMSMO, "10.0.0.1", http.Header{}, []byte{byte('a' + n)}); err != nil {
				t.Fatal(err)
			}
		}
		err = db.Write(t.Context(), func(tx *sql.Tx) error {
			_, err := tx.ExecContext(t.Context(), `DROP TABLE push_awaited; DROP INDEX action_taken; DROP TABLE annotation; DELETE FROM goose_db_version WHERE version_id >= 27`)
			return err
		})
		if err := errors.Join(err, db.Close()); err != nil {
			t.Fatal(err)
		}
		now = noon.Add(100 * time.Hour)
		if db, err = store.Open(t.Context(), path); err != nil {
			t.Fatal(err)
		}
		i := NewInbox(db, o)
		err = i.Await(t.Context())
		if since, readErr := i.AwaitedSince(t.Context()); err != nil || readErr != nil || !since.Equal(tt.want) {
			t.Errorf("%s: since %v, want %v, %v, %v", name, since, tt.want, err, readErr)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}
