package annotate

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/notebook"
	"cmpconsole/internal/store"
)

var as = audit.Entry{Actor: "mia", Roles: "manager", RequestID: "r1"}

// bench is a runner of which the test plays the lists: each step waits there when it is to.
type bench struct {
	*Runner
	db      *store.DB
	lists   *notebook.Selections
	relabel func(ids []string) error
	taken   []string // what lists took over
}

func newBench(t *testing.T) *bench {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "console.db"))
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{db: db, lists: notebook.NewSelections(db, time.Now), relabel: func([]string) error { return nil }}
	b.Runner = b.another()
	b.Patience = time.Minute
	t.Cleanup(func() {
		b.Wait()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// another is the runner of another process.
func (b *bench) another() *Runner {
	return New(notebook.New(b.db, time.Now), b.lists, audit.New(b.db, time.Now), Options{Relabel: func(_ context.Context, ids []string) error {
		b.taken = append(b.taken, ids...)
		return b.relabel(ids)
	}, Publish: func(...string) {}, Logger: slog.New(slog.DiscardHandler)})
}

// selection keeps a selection of so many devices.
func (b *bench) selection(t *testing.T, n int) (id string, devices []string) {
	t.Helper()
	for i := range n {
		devices = append(devices, fmt.Sprintf("d%05d", i))
	}
	made, err := b.lists.Make(t.Context(), notebook.Selection{Source: notebook.Chosen}, notebook.LinesOf(devices), nil)
	if err != nil {
		t.Fatal(err)
	}
	return made.ID, devices
}

// want holds against the log and the notebook that each device had its turn once, before the next one, and no other had one.
func (b *bench) want(t *testing.T, devices []string, actions ...audit.Action) {
	t.Helper()
	for _, action := range actions {
		var told []string
		err := b.log.Export(t.Context(), audit.Filter{Action: string(action)}, func(r audit.Exported) error {
			told = append(told, r.Device)
			return nil
		})
		if err != nil || !slices.Equal(told, devices) {
			t.Errorf("%s: %d rows, want %d, %v", action, len(told), len(devices), err)
		}
	}
	labels, err := b.book.LabelCounts(t.Context())
	notes, err2 := b.book.NotesWith(t.Context(), "depot", 1_000_000)
	if errors.Join(err, err2) != nil || len(labels) != 1 || labels[0].Devices != len(devices) || len(notes) != len(devices) {
		t.Errorf("labels %v, %d notes, want %d of each, %v", labels, len(notes), len(devices), errors.Join(err, err2))
	}
}

func asked(selection string) notebook.Annotation {
	return notebook.Annotation{Selection: selection, Author: "mia", Add: []string{"pilot"}, Note: "Moved to the new depot"}
}

// paused lets the first step be done, and holds the next until it is let go.
func (b *bench) paused() (here chan bool, let chan bool) {
	here, let = make(chan bool), make(chan bool)
	b.relabel = func([]string) error {
		here <- true
		<-let
		return nil
	}
	return here, let
}

func (b *bench) state(t *testing.T, id string) notebook.Annotation {
	t.Helper()
	a, err := b.book.Annotation(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAllDevicesHaveTheirTurnOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id, devices := b.selection(t, 2*notebook.StepSize+1)
	a, err := b.Begin(t.Context(), asked(id), as)
	if err != nil || a.Done != len(devices) || a.Ended.IsZero() || a.Why != "" {
		t.Fatalf("%+v, %v", a, err)
	}
	b.want(t, devices, audit.DeviceLabel, audit.DeviceNote)
	if !slices.Equal(b.taken, devices) {
		t.Errorf("lists took over %d devices", len(b.taken))
	}
	if a, err = b.Resume(t.Context(), a.ID, as); err != nil || a.Done != len(devices) {
		t.Errorf("what is done goes on: %+v, %v", a, err)
	}
	b.want(t, devices, audit.DeviceLabel, audit.DeviceNote)
}

// Whoever asks does not wait for the last device. What is broken off says who did it, and goes on where it was.
func TestItGoesOnBehindAndIsBrokenOff(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.Patience = time.Nanosecond
	here, let := b.paused()
	id, devices := b.selection(t, 3*notebook.StepSize)
	a, err := b.Begin(t.Context(), asked(id), as)
	if err != nil {
		t.Fatal(err)
	}
	<-here
	if a = b.state(t, a.ID); !b.Busy(a.ID) || a.Done != notebook.StepSize || !a.Ended.IsZero() {
		t.Errorf("under way: %+v", a)
	}
	if err := b.BreakOff(t.Context(), a.ID, as); err != nil {
		t.Error(err)
	}
	let <- true
	b.Wait()
	if a = b.state(t, a.ID); b.Busy(a.ID) || a.Left() != 2*notebook.StepSize || a.Why != "mia stopped it." || a.Place != notebook.StepSize {
		t.Errorf("broken off: %+v", a)
	}
	b.want(t, devices[:notebook.StepSize], audit.DeviceLabel, audit.DeviceNote)

	b.relabel, b.Patience = func([]string) error { return nil }, time.Minute
	if a, err = b.Resume(t.Context(), a.ID, as); err != nil || a.Left() != 0 || a.Why != "" {
		t.Errorf("gone on: %+v, %v", a, err)
	}
	b.want(t, devices, audit.DeviceLabel, audit.DeviceNote)
	rows, err := b.log.List(t.Context(), audit.Filter{Action: string(audit.SelectionAnnotate)})
	if err != nil || len(rows) != 3 || rows[0].Get("step") != "gone on" || rows[0].Get("rows") != "1000" || rows[1].Get("step") != "stopped" || rows[2].Get("rows") != "1500" {
		t.Errorf("the rows of the whole: %+v, %v", rows, err)
	}
}

// A console that is stopped says so, and after a crash nothing says so; both go on where they were.
func TestTheConsoleIsStopped(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		crash bool
		why   string
	}{"stopped": {false, "The console was stopped."}, "crashed": {true, ""}} {
		b := newBench(t)
		b.Patience = time.Nanosecond
		here, let := b.paused()
		id, devices := b.selection(t, 2*notebook.StepSize)
		a, err := b.Begin(t.Context(), asked(id), as)
		if err != nil {
			t.Fatal(err)
		}
		<-here
		dead := b.Runner
		b.Runner = b.another()
		if !tt.crash {
			dead.Stop()
			let <- true
			dead.Wait()
		}
		if a = b.state(t, a.ID); b.Busy(a.ID) || a.Left() != notebook.StepSize || a.Why != tt.why || a.Ended.IsZero() != tt.crash {
			t.Errorf("%s: %+v", name, a)
		}
		b.Patience, b.relabel = time.Minute, func([]string) error { return nil }
		if a, err = b.Resume(t.Context(), a.ID, as); err != nil || a.Left() != 0 {
			t.Errorf("%s: %+v, %v", name, a, err)
		}
		if tt.crash { // and if it was not dead: the devices have had their turn, and have no second one
			let <- true
			dead.Wait()
		}
		b.want(t, devices, audit.DeviceLabel, audit.DeviceNote)
	}
}

// However many let it go on at once, it goes on once, with one row that says so.
func TestManyLetItGoOnAtOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.Patience = time.Nanosecond
	here, let := b.paused()
	id, devices := b.selection(t, 4*notebook.StepSize)
	a, err := b.Begin(t.Context(), asked(id), as)
	if err != nil {
		t.Fatal(err)
	}
	<-here
	b.Stop()
	let <- true
	b.Wait()
	b.Runner, b.relabel = b.another(), func([]string) error { return nil }
	b.Patience = time.Minute
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := b.Resume(context.Background(), a.ID, as); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	b.Wait()
	if a = b.state(t, a.ID); a.Left() != 0 || a.Done != len(devices) {
		t.Errorf("%+v", a)
	}
	b.want(t, devices, audit.DeviceLabel, audit.DeviceNote)
	rows := 0
	err = b.log.Export(t.Context(), audit.Filter{Action: string(audit.SelectionAnnotate)}, func(audit.Exported) error {
		rows++
		return nil
	})
	if err != nil || rows != 2 {
		t.Errorf("%d rows of the whole, want two; %v", rows, err)
	}
}

// What cannot be written ends it, with the devices before it done and those behind it named.
func TestADeviceThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id, devices := b.selection(t, 2*notebook.StepSize)
	full := make([]string, 50)
	for i := range full {
		full[i] = fmt.Sprintf("l%d", i)
	}
	one, err := b.lists.Make(t.Context(), notebook.Selection{Source: notebook.Chosen}, notebook.LinesOf(devices[notebook.StepSize+7:notebook.StepSize+8]), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Begin(t.Context(), notebook.Annotation{Selection: one.ID, Author: "mia", Add: full}, as); err != nil {
		t.Fatal(err)
	}
	a, err := b.Begin(t.Context(), asked(id), as)
	if err != nil || a.Done != notebook.StepSize || a.Ended.IsZero() || !strings.Contains(a.Why, devices[notebook.StepSize+7]+" would have 51 labels") {
		t.Errorf("%+v, %v", a, err)
	}
	left, err := b.book.UndoneAnnotations(t.Context(), id)
	if err != nil || len(left) != 1 || left[0].ID != a.ID {
		t.Errorf("not found by its selection: %+v, %v", left, err)
	}
}

// A selection that is not kept any more has no devices to write on, and nothing is begun.
func TestASelectionThatIsGone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	a, err := b.Begin(t.Context(), asked("gone"), as)
	rows, err2 := b.log.List(t.Context(), audit.Filter{Action: string(audit.SelectionAnnotate)})
	if err == nil || err2 != nil || len(rows) != 0 {
		t.Errorf("%+v was begun, %v, and has %d rows, %v", a, err, len(rows), err2)
	}
}
