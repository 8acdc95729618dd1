package webhook

import (
	"slices"
	"testing"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/cmpsim"
	"cmpconsole/internal/ops"
)

// send sends an SMS, and has the sandbox deliver it.
func (l *lab) send(t *testing.T, device string) string {
	t.Helper()
	batch, err := l.acts.PrepareSMS(t.Context(), anna, ops.Draft{Devices: []string{device}, Content: "Reboot, please"})
	if err != nil {
		t.Fatal(err)
	}
	sent, err := l.acts.SendBatch(t.Context(), anna, batch)
	if err != nil || len(sent) != 1 {
		t.Fatalf("%+v, %v", sent, err)
	}
	l.at = l.at.Add(5 * time.Second)
	return sent[0].MsgID
}

// A delivery report finds our message by our id, by the provider's, or by its device and time; the CMP's word counts, not the report's.
func TestReportsAreJoined(t *testing.T) {
	t.Parallel()
	l := newLab(t, 300)
	d, _ := l.one(t, cmpsim.SortInUse)
	const provider = "18fc707863a0000a37157dd34e6ec630"
	ours, theirs := l.send(t, d.ID), l.send(t, d.ID)
	for _, tt := range []struct {
		name, body      string
		effect          Effect
		message, joined string
	}{
		{"by our id", `{"msg_id":"` + ours + `","iccid":"` + d.ID + `","status_report":"2"}`, Reported, ours, ops.ByOurID},
		{"by device and time", `{"msg_id":"` + provider + `","iccid":"` + d.ID + `","status_report":"1","timestamp":"2026-11-28 20:00:09"}`, Reported, theirs, ops.ByDevice},
		{"by the provider's id", `{"msg_id":"` + provider + `","phone":"61482271041","status_report":2}`, Same, theirs, ops.ByProviderID},
		{"by another id, when all have a report", `{"msg_id":"00000000000000000000000000000000","iccid":"` + d.ID + `","status_report":"1"}`, Same, ours, ops.ByDevice},
		{"by nothing", `{"msg_id":"11111111111111111111111111111111","iccid":"89852026999999999999","status_report":"1"}`, Stranger, "", ""},
	} {
		id := l.receive(t, SMSMT, "%s", tt.body).ID
		l.drain(t)
		p := l.get(t, id)
		if p.Effect != tt.effect || p.Message != tt.message || p.Joined != tt.joined {
			t.Errorf("%s: %+v", tt.name, p)
		}
		if p.Message != "" && p.Told != "1" {
			t.Errorf("%s: the CMP says %q", tt.name, p.Told)
		}
	}
	if rows := l.rows(t, audit.PushReport); len(rows) != 2 || rows[0].Actor != audit.CMP || rows[0].Get("msg_id") != ours || rows[1].Get("joined") != ops.ByDevice {
		t.Errorf("recorded %+v", rows)
	}
}

// A report that comes before the CMP knows of it waits for the CMP, a few times.
func TestAReportTooEarly(t *testing.T) {
	t.Parallel()
	l := newLab(t, 300)
	d, _ := l.one(t, cmpsim.SortInUse)
	msg := l.send(t, d.ID)
	l.at = l.at.Add(-4 * time.Second)
	id := l.receive(t, SMSMT, `{"msg_id":%q,"iccid":%q,"status_report":"1"}`, msg, d.ID).ID
	if _, err := l.Process(t.Context(), SMSMT); err != nil {
		t.Fatal(err)
	}
	if p := l.get(t, id); p.State != New || p.Tries != 0 || p.Due.IsZero() {
		t.Errorf("at once: %+v", p)
	}
	l.drain(t)
	if p := l.get(t, id); p.Effect != Reported || p.Message != msg {
		t.Errorf("in the end: %+v", p)
	}
}

// A message from a device is in the inbox once, unread until somebody has read it, under the device whose number it names.
func TestMessagesFromDevices(t *testing.T) {
	t.Parallel()
	l := newLab(t, 300)
	d, _ := l.one(t, cmpsim.SortInUse)
	msisdn := d.Profiles[0].MSISDN
	for _, body := range []string{
		`{"iccid":"` + d.ID + `","phone":"` + msisdn + `","dest_address":"12345","sms_content":"low battery","timestamp":"2026-11-28 17:00:00"}`,
		`{"timestamp":"2026-11-28 17:00:00","iccid":"` + d.ID + `","phone":"` + msisdn + `","dest_address":"12345","sms_content":"low battery"}`,
		`{"iccid":"` + d.ID + `","dest_address":"12345","sms_content":"low battery","timestamp":"2026-11-28 17:00:01"}`,
		`{"phone":"4711","sms_content":"hello"}`,
	} {
		l.receive(t, SMSMO, "%s", body)
	}
	l.drain(t)
	list, err := l.Inbounds(t.Context(), InboundQuery{Device: d.ID, Limit: 10})
	if err != nil || len(list) != 2 || !list[0].Known || list[0].Content != "low battery" || !list[1].At.Equal(time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)) {
		t.Fatalf("%+v, %v", list, err)
	}
	all, err := l.Inbounds(t.Context(), InboundQuery{Unread: true, Limit: 10})
	if err != nil || len(all) != 3 || all[0].Known || all[0].Device != "4711" {
		t.Errorf("%+v, %v", all, err)
	}
	if n, err := l.Read(t.Context(), d.ID, []int64{list[0].ID, list[1].ID, 4711}, audit.Entry{Actor: "anna", Action: audit.SMSRead, Phase: audit.Event, Outcome: audit.OK}); err != nil || n != 2 {
		t.Errorf("%d marked, %v", n, err)
	}
	if n, err := l.Unread(t.Context()); err != nil || n != 1 {
		t.Errorf("%d unread, %v", n, err)
	}
}

// A device's messages are listed by the moment that they bear, newest first, in pages of any size; who has read them is recorded once.
func TestMessagesOfADevice(t *testing.T) {
	t.Parallel()
	l := newLab(t, 300)
	d, _ := l.one(t, cmpsim.SortInUse)
	for n, second := range []string{"05", "01", "03", "03", "02"} {
		l.receive(t, SMSMO, `{"iccid":"%s","sms_content":"%d","timestamp":"2026-11-28 17:00:%s"}`, d.ID, n, second)
	}
	l.drain(t)
	var ids []int64
	for mark := (InboundMark{}); ; {
		page, err := l.InboundsBefore(t.Context(), d.ID, mark, 2)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range page {
			ids, mark = append(ids, m.ID), m.Mark()
		}
		if len(page) < 2 {
			break
		}
	}
	if !slices.Equal(ids, []int64{1, 4, 3, 5, 2}) {
		t.Errorf("in the order %v", ids)
	}
	e := audit.Entry{Actor: "anna", Action: audit.SMSRead, Phase: audit.Event, Outcome: audit.OK}
	for _, want := range []int{3, 0} {
		if n, err := l.Read(t.Context(), d.ID, []int64{1, 2, 3}, e); n != want || err != nil {
			t.Errorf("%d marked, want %d, %v", n, want, err)
		}
	}
	unread, err := l.CountInbounds(t.Context(), InboundQuery{Device: d.ID, Unread: true})
	rows, failed := l.Log.List(t.Context(), audit.Filter{Action: string(audit.SMSRead), Limit: 9})
	if err != nil || failed != nil || unread != 2 || len(rows) != 1 || rows[0].Device != d.ID || rows[0].Get("messages") != "3" {
		t.Errorf("%d unread, %d rows, %v %v", unread, len(rows), err, failed)
	}
}
