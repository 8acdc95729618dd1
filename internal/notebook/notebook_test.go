package notebook

import (
	"database/sql"
	"errors"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"cmpconsole/internal/fault"
	"cmpconsole/internal/store"
)

var start = time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)

// newBook returns an empty notebook whose clock stands still.
func newBook(t *testing.T) *Book {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "console.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return New(db, func() time.Time { return start })
}

// errUnrecorded is why a record cannot be written.
var errUnrecorded = errors.New("the log takes no rows")

func label(t *testing.T, b *Book, ids, add, remove []string) (told []Labelling) {
	t.Helper()
	err := b.SetLabels(t.Context(), "support", ids, add, remove, func(_ *sql.Tx, changed []Labelling) error {
		told = changed
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return told
}

func wantFault(t *testing.T, err error, kind fault.Kind, says string) {
	t.Helper()
	if fault.KindOf(err) != kind || err == nil || !strings.Contains(err.Error(), says) {
		t.Errorf("got %v, want kind %d that says %q", err, kind, says)
	}
}

func wantSame(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got %+v, want %+v", what, got, want)
	}
}
