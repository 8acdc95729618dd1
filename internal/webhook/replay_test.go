package webhook

import (
	"database/sql"
	"net/http"
	"strconv"
	"testing"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/fault"
)

func (i *Inbox) receive(t *testing.T, kind Kind, body string) Push {
	t.Helper()
	p, err := i.Receive(t.Context(), kind, "10.0.0.1", http.Header{}, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// set changes a callback past the inbox.
func (i *Inbox) set(t *testing.T, id int64, assignments string, args ...any) {
	t.Helper()
	err := i.db.Write(t.Context(), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(t.Context(), "UPDATE push SET "+assignments+" WHERE id = "+strconv.FormatInt(id, 10), args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (i *Inbox) get(t *testing.T, id int64) Push {
	t.Helper()
	p, err := i.Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// replayRows are the rows of the log that tell of callbacks processed again.
func (i *Inbox) replayRows(t *testing.T) []audit.Row {
	t.Helper()
	rows, err := i.Log.List(t.Context(), audit.Filter{Action: string(audit.PushReplay), Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

var replayed = audit.Entry{Actor: "support", Action: audit.PushReplay, Phase: audit.Event, Outcome: audit.OK}

// full lets the log take no row any more.
func (i *Inbox) full(t *testing.T) {
	t.Helper()
	err := i.db.Write(t.Context(), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(t.Context(), `CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'disk full'); END`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// What has ended goes back to the start, once however often that is asked for, and the log has who asked.
func TestReplay(t *testing.T) {
	t.Parallel()
	for _, state := range []State{Done, Failed} {
		i := newInbox(t, Options{})
		p := i.receive(t, OrderStatus, order)
		i.set(t, p.ID, "state = ?, effect = ?, told = '2', tries = 7, due = 5, done = 9, seq = 3", state, Same)
		for n, want := range []bool{true, false} {
			if again, err := i.Replay(t.Context(), p.ID, replayed); again != want || err != nil {
				t.Fatalf("%s, time %d: %t, %v", state, n, again, err)
			}
		}
		if got := i.get(t, p.ID); got.State != New || !got.Due.IsZero() || got.Tries != 0 || !got.Done.IsZero() || got.Effect != Same || got.Told != "2" || got.Seq != 3 {
			t.Errorf("%s: %+v", state, got)
		}
		rows := i.replayRows(t)
		if len(rows) != 1 || rows[0].Get("push") != "1" || rows[0].Device != "89852420180910344720" || rows[0].Order != "L201901290000000533" {
			t.Errorf("%s: rows %+v", state, rows)
		}
	}
}

// What could not be read is read anew: it stays when that is no better, and goes on when the console has learned to.
func TestReplayOfWhatCouldNotBeRead(t *testing.T) {
	t.Parallel()
	i := newInbox(t, Options{})
	still, mended := i.receive(t, OrderStatus, `nonsense`), i.receive(t, OrderStatus, order)
	i.set(t, mended.ID, "state = ?, device = '', subject = '', wrong = 'of an older version'", Unreadable)
	if again, err := i.Replay(t.Context(), still.ID, replayed); again || err != nil || i.get(t, still.ID).State != Unreadable {
		t.Errorf("still unreadable: %t, %v, %+v", again, err, i.get(t, still.ID))
	}
	if again, err := i.Replay(t.Context(), mended.ID, replayed); !again || err != nil {
		t.Errorf("mended: %t, %v", again, err)
	}
	if p := i.get(t, mended.ID); p.State != New || p.Subject != "L201901290000000533" || p.Device == "" || p.Wrong != "" {
		t.Errorf("mended: %+v", p)
	}
	if rows := i.replayRows(t); len(rows) != 1 {
		t.Errorf("%d rows", len(rows))
	}
}

// Nothing is done without its row, nor for one that is not there or that a later delivery stands for.
func TestReplayThatIsRefused(t *testing.T) {
	t.Parallel()
	i := newInbox(t, Options{})
	first := i.receive(t, OrderStatus, order)
	i.set(t, first.ID, "state = ?", Done)
	second := i.receive(t, OrderStatus, order)
	i.set(t, second.ID, "state = ?", Done)
	if _, err := i.Replay(t.Context(), first.ID, replayed); fault.KindOf(err) != fault.Conflict {
		t.Errorf("one that came again: %v", err)
	}
	if _, err := i.Replay(t.Context(), 99, replayed); fault.KindOf(err) != fault.NotFound {
		t.Errorf("one that is not there: %v", err)
	}
	i.full(t)
	if again, err := i.Replay(t.Context(), second.ID, replayed); again || fault.KindOf(err) != fault.Unavailable || i.get(t, second.ID).State != Done {
		t.Errorf("without a row: %t, %v", again, err)
	}
}

// Bodies that say the same are one, however they are laid out; each is kept as it came.
func TestDigestOfTheSameContent(t *testing.T) {
	t.Parallel()
	digest := func(body string) [32]byte { return (&Push{Kind: SMSMO, Body: []byte(body)}).Digest() }
	const body = `{"phone":"4711","n":1.0,"sms_content":"ü <b>"}`
	for same, want := range map[string]bool{
		"{ \"n\": 1.0,\n \"sms_content\": \"\\u00fc <b>\", \"phone\": \"4711\" }": true, "\xef\xbb\xbf" + body + "\n": true,
		`{"phone":4711,"n":1.0,"sms_content":"ü <b>"}`: false, `{"phone":"4711","n":1,"sms_content":"ü <b>"}`: false, body + "x": false, body + body: false, body[:len(body)-1]: false,
	} {
		if (digest(same) == digest(body)) != want {
			t.Errorf("%q is one with it: %t", same, !want)
		}
	}
	if digest("{\"a\":\"\xff\"}") == digest("{\"a\":\"\xfe\"}") {
		t.Error("broken letters are one")
	}
	i := newInbox(t, Options{})
	i.receive(t, SMSMO, body)
	if p := i.receive(t, SMSMO, " "+body); p.Times != 2 || string(i.get(t, 2).Body) != " "+body || string(i.get(t, 1).Body) != body {
		t.Errorf("%+v", p)
	}
}

// All deliveries of one body are known from each of them.
func TestDeliveries(t *testing.T) {
	t.Parallel()
	i := newInbox(t, Options{})
	p := i.receive(t, OrderStatus, order)
	i.receive(t, SMSMT, order)
	i.receive(t, OrderStatus, order)
	found, err := i.Deliveries(t.Context(), p, 10)
	if err != nil || len(found) != 2 || found[0].ID != 3 || found[1].ID != 1 || found[1].Source != "10.0.0.1" || !found[1].Received.Equal(noon) {
		t.Errorf("%+v, %v", found, err)
	}
}
