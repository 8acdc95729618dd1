package audit_test

import (
	"context"
	"database/sql"
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/fault"
	"cmpconsole/internal/store"
)

func TestConcurrentAppendsMakeOneChain(t *testing.T) {
	t.Parallel()
	db, path := openFile(t)
	log := audit.New(db, time.Now)
	const writers, each = 64, 8
	var mu sync.Mutex
	seen := map[int64]bool{}
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			var last int64
			for range each {
				seq, err := appendSomehow(t.Context(), db, log, w)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				if seen[seq] || seq <= last {
					t.Errorf("seq %d after %d, seen before: %t", seq, last, seen[seq])
				}
				seen[seq], last = true, seq
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	report := mustVerify(t, openRaw(t, path))
	if report.Rows != writers*each || len(report.Faults) > 0 {
		t.Errorf("%d rows, %+v", report.Rows, report.Faults)
	}
}

// appendSomehow appends alone or, for every fourth writer, within a transaction of its own.
func appendSomehow(ctx context.Context, db *store.DB, log *audit.Log, w int) (seq int64, err error) {
	if w%4 > 0 {
		return log.Append(ctx, sample(int64(w)))
	}
	err = db.Write(ctx, func(tx *sql.Tx) error {
		seq, err = log.AppendTx(ctx, tx, sample(int64(w)))
		return err
	})
	return seq, err
}

func TestAppendTxStaysOrGoesWithItsTransaction(t *testing.T) {
	t.Parallel()
	db, path := openFile(t)
	log := audit.New(db, clock())
	stop := errors.New("stop")
	for round := range 3 { // on the empty log too, where the log's id is made
		err := db.Write(t.Context(), func(tx *sql.Tx) error {
			for range 3 {
				if _, err := log.AppendTx(t.Context(), tx, sample(1)); err != nil {
					return err
				}
			}
			return stop
		})
		if !errors.Is(err, stop) {
			t.Fatal(err)
		}
		if n, err := log.Count(t.Context()); err != nil || n != int64(2*round) {
			t.Fatalf("%d rows after a rollback in round %d, %v", n, round, err)
		}
		var first, second int64
		err = db.Write(t.Context(), func(tx *sql.Tx) (err error) {
			if first, err = log.AppendTx(t.Context(), tx, sample(1)); err != nil {
				return err
			}
			second, err = log.AppendTx(t.Context(), tx, sample(2))
			return err
		})
		if err != nil || first != int64(2*round+1) || second != first+1 {
			t.Fatalf("round %d: seqs %d and %d, %v", round, first, second, err)
		}
	}
	if report := mustVerify(t, openRaw(t, path)); report.Rows != 6 || len(report.Faults) > 0 {
		t.Errorf("%+v", report)
	}
}

func TestAppendOnAnEndedContextWritesNothing(t *testing.T) {
	t.Parallel()
	db, path := openFile(t)
	log := audit.New(db, clock())
	mustAppend(t, log, sample(1))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := log.Append(ctx, sample(2)); !errors.Is(err, context.Canceled) {
		t.Errorf("ended before: %v", err)
	}
	// While the writing connection is taken, one appender commits and the others wait for their turn.
	taken, release := make(chan struct{}), make(chan struct{})
	var holder sync.WaitGroup
	holder.Go(func() {
		_ = db.Write(t.Context(), func(*sql.Tx) error {
			close(taken)
			<-release
			return nil
		})
	})
	<-taken
	leader := make(chan error, 1)
	go func() {
		_, err := log.Append(t.Context(), sample(3))
		leader <- err
	}()
	audit.WaitForLeader(log)
	waiting, stop := context.WithCancel(t.Context())
	left := make(chan error, 1)
	go func() {
		_, err := log.Append(waiting, sample(4))
		left <- err
	}()
	audit.WaitForWaiting(log, 1)
	stop()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("ended while waiting: %v", err)
	}
	close(release)
	holder.Wait()
	if err := <-leader; err != nil {
		t.Errorf("the one that did not leave: %v", err)
	}
	if report := mustVerify(t, openRaw(t, path)); report.Rows != 2 || len(report.Faults) > 0 {
		t.Errorf("%+v", report)
	}
}

func TestAppendSurvivesItsLeaderLeaving(t *testing.T) {
	t.Parallel()
	db := openDB(t)
	log := audit.New(db, clock())
	taken, release := make(chan struct{}), make(chan struct{})
	var holder sync.WaitGroup
	holder.Go(func() {
		_ = db.Write(t.Context(), func(*sql.Tx) error {
			close(taken)
			<-release
			return nil
		})
	})
	<-taken
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := log.Append(ctx, sample(1))
		done <- err
	}()
	audit.WaitForLeader(log)
	cancel() // its commit has begun, so it is written all the same
	close(release)
	holder.Wait()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if n, err := log.Count(t.Context()); n != 1 || err != nil {
		t.Errorf("%d rows, %v", n, err)
	}
}

func TestAppendFailsCleanlyOnAClosedDatabase(t *testing.T) {
	t.Parallel()
	db, err := store.Open(t.Context(), t.TempDir()+"/console.db")
	if err != nil {
		t.Fatal(err)
	}
	log := audit.New(db, clock())
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := log.Append(t.Context(), sample(1)); err == nil {
				t.Error("appended to a closed database")
			}
		})
	}
	wg.Wait()
}

func TestHostileTextComesBackAndVerifies(t *testing.T) {
	t.Parallel()
	db, path := openFile(t)
	log := audit.New(db, clock())
	for _, text := range []string{
		"\x00\x01\x1f\x7f\u0085\u009b", "a\u202eb\u2066c\u2069\u200b\ufeff", "<script>alert(1)</script>&amp;", `'; DROP TABLE audit; --`,
		`"}],"seq":99,"x":"`, "\\u0000 \\", "=HYPERLINK(\"x\")", "订单\U0001F4F1\u2028\u2029", strings.Repeat("x", 10_000), strings.Repeat("\x00", 10_000),
		"\xff\xfe", "ok\xc3", strings.Repeat("\xed\xa0\x80", 300),
	} {
		in := audit.Entry{Actor: text, Roles: text, Action: audit.Action(text), Phase: audit.Event, Outcome: text, Device: text, Order: text, Reason: text,
			UpstreamCode: text, UpstreamMessage: text, RequestID: text, IP: text, Session: text, Detail: []audit.Field{{Key: text, Value: text}}}
		row, err := log.Get(t.Context(), mustAppend(t, log, in))
		if err != nil || row.Damaged {
			t.Fatalf("%.20q: %v, damaged %t", text, err, row.Damaged)
		}
		valid := strings.ToValidUTF8(text, "\uFFFD")
		if len(valid) <= 256 && (row.Actor != valid || row.Reason != valid || row.Detail[0] != audit.Field{Key: valid, Value: valid}) {
			t.Errorf("%q came back as %+v", text, row.Entry)
		}
		if actor, isCut := strings.CutSuffix(row.Actor, " … (cut)"); isCut != (len(valid) > 256) || !strings.HasPrefix(valid, actor) || len(row.Reason) < min(500, len(valid)) {
			t.Errorf("%.20q was not just cut: %+v", text, row.Entry)
		}
		if found, err := log.List(t.Context(), audit.Filter{Device: row.Device}); err != nil || len(found) == 0 || found[0].Seq != row.Seq {
			t.Errorf("%.20q: found %d rows by it, %v", text, len(found), err)
		}
	}
	if report := mustVerify(t, openRaw(t, path)); len(report.Faults) > 0 {
		t.Errorf("%+v", report.Faults)
	}
}

func TestRowComesBackWhole(t *testing.T) {
	t.Parallel()
	log := audit.New(openDB(t), clock())
	intent := mustAppend(t, log, audit.Entry{Actor: "a", Action: audit.OrderEnd, Phase: audit.Intent})
	in := audit.Entry{Actor: "support", Roles: "support, manager", Action: audit.OrderEnd, Phase: audit.PhaseOutcome, Outcome: audit.Rejected,
		Device: "898606200000", Order: "Y1", Reason: "why", UpstreamCode: "A1", UpstreamMessage: "no", RequestID: "r", Of: intent,
		IP: "::1", Session: "s", LatencyMS: 7, Detail: []audit.Field{{Key: "z", Value: "1"}, {Key: "a", Value: ""}}}
	row, err := log.Get(t.Context(), mustAppend(t, log, in))
	if err != nil || !reflect.DeepEqual(row.Entry, in) {
		t.Errorf("%+v, %v", row.Entry, err)
	}
	if want := time.Date(2026, 3, 4, 5, 6, 9, 89_012_000, time.UTC); !row.Time.Equal(want) || row.Time.Location() != time.UTC {
		t.Errorf("time %v, want %v", row.Time, want)
	}
	if seq, head, err := log.Head(t.Context()); seq != 2 || string(head) != string(row.Hash) || err != nil {
		t.Errorf("head %d %x, %v", seq, head, err)
	}
	if _, err := log.Get(t.Context(), 3); fault.KindOf(err) != fault.NotFound {
		t.Errorf("row 3: %v", err)
	}
}
