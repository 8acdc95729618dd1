package views

import (
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmpsim"
	"cmpconsole/internal/store"
)

// A log that panics costs a row, and what may not leave without one; the console goes on.
func TestALogThatPanics(t *testing.T) {
	t.Parallel()
	var broken atomic.Bool
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "log.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	st := newSite(t, func(d *Deps) {
		d.Audit = audit.New(db, func() time.Time {
			if broken.Load() {
				panic("a hole in the road")
			}
			return time.Now()
		})
	})
	v := st.visit(t, auth.Auditor)
	broken.Store(true)
	a := v.get("/devices/"+cmpsim.DemoInUse).want(t, http.StatusOK)
	if line := st.lineOf(t, "audit row not written", a.header.Get("X-Request-Id")); !strings.Contains(line["err"].(string), "a hole in the road") {
		t.Errorf("%v", line)
	}
	v.get("/audit").want(t, http.StatusServiceUnavailable)
	broken.Store(false)
	v.get("/audit").want(t, http.StatusOK)
}
