package ops

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"cmpconsole/internal/cmp"
	"cmpconsole/internal/fault"
)

// one sends a message and returns it as the list holds it.
func (b *bench) one(t *testing.T) Message {
	t.Helper()
	sent, err := b.SendBatch(t.Context(), anna, b.preview(t, device))
	if err != nil || !sent[0].Waits() {
		t.Fatalf("%+v, %v", sent, err)
	}
	return sent[0]
}

// A message waits for its report; what the CMP says is kept, in its own words.
func TestReports(t *testing.T) {
	t.Parallel()
	started, ended := cmp.TimeOf("2026-11-23 20:00:01"), cmp.TimeOf("whenever")
	for _, tt := range []struct {
		name              string
		told              cmp.MTMessage
		waits, unreported bool
	}{
		{"on its way", cmp.MTMessage{State: cmp.WasSent, MSISDN: "61482271041", Started: started}, true, true},
		{"arrived", cmp.MTMessage{State: cmp.WasSent, Started: started, Ended: ended, Report: cmp.Delivered}, false, false},
		{"failed", cmp.MTMessage{State: cmp.WasSent, Report: cmp.Failed}, false, false},
		{"not sent", cmp.MTMessage{State: cmp.WasNotSent, Started: started}, false, true},
		{"a report that nobody knows", cmp.MTMessage{State: "7", Report: "9"}, false, false},
	} {
		b := newBench(t)
		sent := b.one(t)
		b.cmp.told = tt.told
		if _, err := b.AskReport(t.Context(), sent); err != nil {
			t.Fatal(err)
		}
		m, err := b.Message(t.Context(), sent.MsgID)
		tt.told.DeviceID = device
		if err != nil || m.Told != tt.told || m.Waits() != tt.waits || m.Unreported() != tt.unreported || m.Reported.IsZero() != (tt.told.Report == "") {
			t.Errorf("%s: %+v, waits %v, unreported %v, %v", tt.name, m.Told, m.Waits(), m.Unreported(), err)
		}
	}
	_, err := newBench(t).Message(t.Context(), "LK0")
	wantKind(t, err, fault.NotFound)
}

// What did not arrive is found and counted by what the CMP says, and by when it was sent.
func TestFailedMessages(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	told := []cmp.MTMessage{{State: cmp.WasSent, Report: cmp.Failed}, {State: cmp.WasNotSent}, {State: cmp.WasNotSent, Report: cmp.Delivered}, {State: cmp.WasSent, Report: cmp.Delivered}, {State: cmp.WasSent}, {State: "7", Report: "9"}}
	sent := b.sends(t, len(told))
	for i, m := range sent {
		b.cmp.told = told[i]
		if _, err := b.AskReport(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	for name, tt := range map[string]struct {
		query MessageQuery
		want  int
	}{
		"all": {MessageQuery{}, len(told)}, "failed": {MessageQuery{Failed: true}, 2}, "of a device": {MessageQuery{Failed: true, DeviceID: sent[0].DeviceID}, 1},
		"sent since": {MessageQuery{Failed: true, Since: sent[0].Sent}, 2}, "none since": {MessageQuery{Since: sent[0].Sent.Add(time.Microsecond)}, 0},
	} {
		tt.query.Limit = 100
		list, err := b.Messages(t.Context(), tt.query)
		count, err2 := b.CountMessages(t.Context(), tt.query)
		if err != nil || err2 != nil || len(list) != tt.want || count != tt.want {
			t.Errorf("%s: %d listed, %d counted, want %d; %v %v", name, len(list), count, tt.want, err, err2)
		}
	}
}

// sends brings so many messages on their way and returns them newest first.
func (b *bench) sends(t *testing.T, n int) []Message {
	t.Helper()
	for i := range n {
		if _, err := b.SendBatch(t.Context(), anna, b.preview(t, fmt.Sprintf("89852026000000001%03d", i))); err != nil {
			t.Fatal(err)
		}
	}
	return b.list(t)
}

func (b *bench) list(t *testing.T) []Message {
	t.Helper()
	list, err := b.Messages(t.Context(), MessageQuery{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// A list asks about 20 messages at a time, two at once, those first that were not asked about for longest, and
// about none twice in a moment.
func TestListsAskForReports(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.sends(t, 30)
	var flying, most atomic.Int32
	b.cmp.onAsk = func() {
		most.Store(max(most.Load(), flying.Add(1)))
		runtime.Gosched()
		flying.Add(-1)
	}
	for i, want := range []int{20, 10, 0} {
		if asked, err := b.AskReports(t.Context(), b.list(t)); err != nil || asked != (want > 0) || len(b.cmp.asked) != want {
			t.Errorf("load %d asked %v about %d messages, want %d: %v", i, asked, len(b.cmp.asked), want, err)
		}
		for _, m := range b.list(t) {
			if slices.Contains(b.cmp.asked, m.MsgID) && !m.Asked.Equal(b.time()) {
				t.Errorf("%s was asked about at %s", m.MsgID, m.Asked)
			}
		}
		b.cmp.asked = nil
		b.wait(askAgain / 4)
	}
	b.wait(askAgain)
	if _, err := b.AskReports(t.Context(), b.list(t)); err != nil || len(b.cmp.asked) != 20 {
		t.Errorf("later: %d, %v", len(b.cmp.asked), err)
	}
	if most.Load() > asksAtOnce {
		t.Errorf("%d at once", most.Load())
	}
}

// What is known, refused or not read is left as it is.
func TestListsAskOnlyWhatWaits(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.cmp.told = cmp.MTMessage{State: cmp.WasSent}
	arrived, waiting := b.one(t), b.one(t)
	b.cmp.told.Report = cmp.Delivered
	if _, err := b.AskReport(t.Context(), arrived); err != nil {
		t.Fatal(err)
	}
	b.cmp.answers(errRejected, false)
	if _, err := b.SendBatch(t.Context(), anna, b.preview(t, device)); err != nil {
		t.Fatal(err)
	}
	b.cmp.asked = nil
	b.cmp.fail(errors.New("no route"))
	before := b.list(t)
	if _, err := b.AskReports(t.Context(), before); err != nil || !slices.Equal(b.cmp.asked, []string{waiting.MsgID}) {
		t.Errorf("asked about %v, %v", b.cmp.asked, err)
	}
	for i, m := range b.list(t) {
		if m.Told != before[i].Told || m.Waits() != before[i].Waits() {
			t.Errorf("changed by a read that failed: %+v", m)
		}
	}
}
