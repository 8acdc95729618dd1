package ops

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/fault"
)

const device2 = "89852026000000000024"

func (b *bench) preview(t *testing.T, devices ...string) string {
	t.Helper()
	batch, err := b.PrepareSMS(t.Context(), anna, Draft{Devices: devices, Content: "Reboot, please"})
	if err != nil {
		t.Fatal(err)
	}
	return batch
}

// Each device gets a message of its own with an id of its own, sent once however often the batch is posted.
func TestSendBatch(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	batch := b.preview(t, device, device2)
	if list, err := b.Messages(t.Context(), MessageQuery{Limit: 10}); err != nil || len(list) != 0 || len(b.cmp.messages) != 0 {
		t.Fatalf("a preview sent or listed something: %+v, %v", list, err)
	}
	gone, leave := context.WithCancel(t.Context())
	leave() // the browser did not wait for the answer
	for range 3 {
		sent, err := b.SendBatch(gone, anna, batch)
		if err != nil || len(sent) != 2 || sent[0].Action.State != OK || sent[1].Action.State != OK || sent[0].MsgID == sent[1].MsgID {
			t.Fatalf("%+v, %v", sent, err)
		}
	}
	if len(b.cmp.messages) != 2 || b.cmp.messages[0].Content != "Reboot, please" || b.cmp.messages[0].To[0].DeviceID != device || !cmp.ValidMsgID(b.cmp.messages[1].To[0].MsgID) {
		t.Errorf("sent %+v", b.cmp.messages)
	}
	rows, err := b.log.List(t.Context(), audit.Filter{Action: string(audit.SMSSend)})
	if err != nil || len(rows) != 4 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for _, r := range rows {
		if text := r.Reason + r.UpstreamMessage; strings.Contains(text, "Reboot") || slices.ContainsFunc(r.Detail, func(f audit.Field) bool { return strings.Contains(f.Value, "Reboot") }) {
			t.Errorf("the text is in the log: %+v", r.Entry)
		}
		if r.Device == "" || r.Get("msg_id") == "" || r.Get("binary") != "false" || r.Get("segments") != "1" {
			t.Errorf("%+v", r.Entry)
		}
	}
}

// Nobody sends what another previewed, without the right, too much at once, or what is not there.
func TestBatchesThatAreNotSent(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	batch := b.preview(t, device)
	_, err := b.SendBatch(t.Context(), operatorOf("bert", auth.Support), batch)
	wantKind(t, err, fault.Conflict)
	_, err = b.SendBatch(t.Context(), anna, "none")
	wantKind(t, err, fault.Conflict)
	_, err = b.PrepareSMS(t.Context(), operatorOf("mia", auth.Manager), Draft{Devices: []string{device}, Content: "x"})
	wantKind(t, err, fault.Forbidden)
	for _, d := range []Draft{{Content: "x"}, {Devices: []string{device}}, {Devices: make([]string, MaxSMSDevices+1), Content: "x"}} {
		_, err = b.PrepareSMS(t.Context(), anna, d)
		wantKind(t, err, fault.Invalid)
	}
	b.wait(formLife + time.Second)
	sent, err := b.SendBatch(t.Context(), anna, batch)
	if err != nil || sent[0].Action.State != Expired || len(b.cmp.messages) != 0 {
		t.Errorf("an old preview: %+v, %v", sent, err)
	}
}

// A lost answer is settled by the id: the CMP knows it, or after a while still does not.
func TestALostSMSIsSettled(t *testing.T) {
	t.Parallel()
	for _, effect := range []bool{true, false} {
		b := newBench(t)
		b.cmp.answers(errLost, effect)
		sent, err := b.SendBatch(t.Context(), anna, b.preview(t, device))
		if err != nil || sent[0].Action.State != Unknown {
			t.Fatalf("%+v, %v", sent, err)
		}
		b.wait(time.Hour)
		want := EffectAbsent
		if effect {
			want = EffectPresent
		}
		for range enoughLooks {
			m, err := b.Message(t.Context(), sent[0].MsgID)
			if err != nil {
				t.Fatal(err)
			}
			if m.Action.State == Unknown {
				if err := b.look(t.Context(), m.Action); err != nil {
					t.Fatal(err)
				}
			}
		}
		if m, _ := b.Message(t.Context(), sent[0].MsgID); m.Action.State != want || len(b.cmp.messages) != 1 {
			t.Errorf("effect %v: %s, %d sent", effect, m.Action.State, len(b.cmp.messages))
		}
	}
}

// A preview that nobody sent is forgotten with its text.
func TestOldPreviewsAreForgotten(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.preview(t, device)
	b.wait(25 * time.Hour)
	b.preview(t, device2)
	if n := b.count(t, `SELECT count(*) FROM message`); n != 1 {
		t.Errorf("%d messages kept", n)
	}
}

// A message stands where it was sent, or tried, and not where it was previewed; what is previewed only stands nowhere.
func TestAMessageStandsWhereItWasSent(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	send := func(batch string) {
		t.Helper()
		if _, err := b.SendBatch(t.Context(), anna, batch); err != nil {
			t.Fatal(err)
		}
	}
	late, never := b.preview(t, device), b.preview(t, device)
	b.wait(5 * time.Minute)
	send(b.preview(t, device))
	b.wait(5 * time.Minute)
	send(late)
	sent := b.time()
	b.wait(6 * time.Minute)
	send(never)   // its preview is too old by now
	for range 2 { // asked again, nothing moves
		list, err := b.Messages(t.Context(), MessageQuery{DeviceID: device, Limit: 10})
		if err != nil || len(list) != 3 || list[0].Batch != never || list[0].Action.State != Expired || list[1].Batch != late || !list[1].Sent.Equal(sent) {
			t.Fatalf("%+v, %v", list, err)
		}
		b.preview(t, device)
		send(late)
	}
}

// Pages of the list meet inside a batch, whose messages all have one moment here, without losing or doubling any.
func TestPagesOfMessages(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for range 2 {
		b.wait(time.Second)
		devices := []string{device, device2, device + "3", device + "4", device + "5"}
		if _, err := b.SendBatch(t.Context(), anna, b.preview(t, devices...)); err != nil {
			t.Fatal(err)
		}
	}
	whole, err := b.Messages(t.Context(), MessageQuery{Limit: 100})
	if err != nil || len(whole) != 10 || !whole[4].Sent.Equal(whole[3].Sent) || !whole[5].Sent.Before(whole[4].Sent) || whole[0].DeviceID != device {
		t.Fatalf("%d messages, %v", len(whole), err)
	}
	for size := 1; size < len(whole); size++ {
		var read []string
		q := MessageQuery{Limit: size}
		for page, err := b.Messages(t.Context(), q); len(page) > 0; page, err = b.Messages(t.Context(), q) {
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range page {
				read = append(read, m.MsgID)
			}
			q.Before = page[len(page)-1].Mark()
		}
		if !slices.EqualFunc(whole, read, func(m Message, id string) bool { return m.MsgID == id }) {
			t.Errorf("in pages of %d: %d messages, %v", size, len(read), read)
		}
	}
}

// When not even a refusal can be recorded, whoever sends is told so.
func TestABatchThatCannotBeRecorded(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	batch := b.preview(t, device)
	b.refuseRows(t, "")
	_, err := b.SendBatch(t.Context(), anna, batch)
	wantKind(t, err, fault.Unavailable)
	if len(b.cmp.messages) != 0 {
		t.Errorf("sent %+v", b.cmp.messages)
	}
}
