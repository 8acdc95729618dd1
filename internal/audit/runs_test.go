package audit_test

import (
	"testing"

	"cmpconsole/internal/audit"
)

// A start tells whether the run before it ended as it should; the first one has none before it.
func TestRuns(t *testing.T) {
	t.Parallel()
	db, _ := openFile(t)
	log := audit.New(db, clock())
	if err := log.Stopped(t.Context()); err != nil { // a start that came to nothing says nothing of an end
		t.Fatal(err)
	}
	for i, tt := range []struct {
		stopped bool // the run before
		said    string
	}{{false, ""}, {true, ""}, {false, audit.EndedUnsaid}, {true, ""}} {
		if tt.stopped {
			if err := log.Stopped(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if err := log.Started(t.Context()); err != nil {
			t.Fatal(err)
		}
		rows, err := log.List(t.Context(), audit.Filter{Action: string(audit.SystemStart)})
		if err != nil || len(rows) != i+1 {
			t.Fatalf("%d: %+v, %v", i, rows, err)
		}
		said := ""
		if d := rows[0].Detail; len(d) > 0 {
			said = d[0].Value
		}
		if said != tt.said || rows[0].Actor != "console" {
			t.Errorf("start %d says %q, want %q", i, said, tt.said)
		}
	}
}
