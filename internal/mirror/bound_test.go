package mirror

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"testing"
	"time"
)

// What a card is bound to is known with the time at which the CMP was asked, and an answer that comes late changes nothing. A file from before
// this was noted learns it without being filled anew.
func TestBinding(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "mirror.db")
	old := openAt(t, path, Options{})
	err := old.db.Write(t.Context(), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(t.Context(), `DROP TABLE bound`)
		return err
	})
	if err := errors.Join(err, old.Close()); err != nil {
		t.Fatal(err)
	}
	m := openAt(t, path, Options{})
	if b, known, err := m.Binding(t.Context(), "d1"); known || err != nil {
		t.Errorf("before anybody asked: %+v, %v", b, err)
	}
	for _, told := range []struct {
		imei string
		at   time.Time
		want Binding
	}{
		{"490154203237518", noon, Binding{"490154203237518", noon.UTC()}},
		{"", noon.Add(-time.Hour), Binding{"490154203237518", noon.UTC()}},
		{"", noon.Add(time.Hour), Binding{"", noon.Add(time.Hour).UTC()}},
	} {
		err := m.BindAt(context.Background(), "d1", told.imei, told.at)
		if b, known, err2 := m.Binding(t.Context(), "d1"); errors.Join(err, err2) != nil || !known || b != told.want {
			t.Errorf("told %+v: %+v, %v", told, b, errors.Join(err, err2))
		}
	}
}
