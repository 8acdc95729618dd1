package ops

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/fault"
	"cmpconsole/internal/store"
)

var root = operatorOf("root", auth.Admin)

const erase = "Erasure asked for, ticket 4711"

// text is what a message says.
func (b *bench) text(t *testing.T, m Message) Text {
	t.Helper()
	text, err := b.Text(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// sendText sends a text to devices and returns the messages in the order of the devices.
func (b *bench) sendText(t *testing.T, text string, devices ...string) []Message {
	t.Helper()
	batch, err := b.PrepareSMS(t.Context(), anna, Draft{Devices: devices, Content: text})
	if err != nil {
		t.Fatal(err)
	}
	sent, err := b.SendBatch(t.Context(), anna, batch)
	if err != nil {
		t.Fatal(err)
	}
	return sent
}

// posted posts a batch and returns its messages as they are then, sent or not.
func (b *bench) posted(t *testing.T, batch string) ([]Message, error) {
	t.Helper()
	if _, err := b.SendBatch(t.Context(), anna, batch); err != nil && fault.KindOf(err) != fault.Unavailable {
		t.Fatal(err)
	}
	return b.messagesOf(t.Context(), anna, batch)
}

// redact erases the text of a message and fails the test when it cannot.
func (b *bench) redact(t *testing.T, seq int64, same bool) Redacted {
	t.Helper()
	done, err := b.eraser().Redact(t.Context(), root, Redaction{Seq: seq, Field: TextField, Reason: erase, Same: same})
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func (b *bench) eraser() *Eraser {
	return NewEraser(b.db, b.log, b.time, slog.New(slog.DiscardHandler))
}

func (b *bench) verify(t *testing.T) audit.Report {
	t.Helper()
	report, err := audit.Verify(t.Context(), b.verifier(t))
	if err != nil || len(report.Faults) > 0 {
		t.Fatalf("%+v, %v", report, err)
	}
	return report
}

// leftovers names the places where any of the needles stands: the database's files, an export, and a backup made now.
func (b *bench) leftovers(t *testing.T, needles ...[]byte) (places []string) {
	t.Helper()
	backup := filepath.Join(t.TempDir(), "backup.db")
	if err := store.Backup(t.Context(), b.path, backup, func(context.Context, string) error { return nil }); err != nil {
		t.Fatal(err)
	}
	var export bytes.Buffer
	if err := b.log.Export(t.Context(), audit.Filter{}, func(r audit.Exported) error { _, err := export.Write(r.JSON()); return err }); err != nil {
		t.Fatal(err)
	}
	content := map[string][]byte{"export": export.Bytes()}
	for _, file := range []string{b.path, b.path + "-wal", b.path + "-shm", backup} {
		var err error
		if content[filepath.Base(file)], err = os.ReadFile(file); err != nil {
			t.Fatal(err)
		}
	}
	for place, text := range content {
		if slices.ContainsFunc(needles, func(needle []byte) bool { return bytes.Contains(text, needle) }) {
			places = append(places, place)
		}
	}
	slices.Sort(places)
	return places
}

// TestHundredTextsAreErased: a hundred texts are erased one after another beside all else that goes on. The log
// verifies, and no byte of a text or a salt is left in the database, its log, an export or a new backup.
func TestHundredTextsAreErased(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var seqs []int64
	needles := [][]byte{[]byte("canary")}
	for i := range 5 {
		var devices []string
		for j := range MaxSMSDevices {
			devices = append(devices, fmt.Sprintf("8985202600000000%02d%02d", i, j))
		}
		for _, m := range b.sendText(t, "canary {device_id}: "+strings.Repeat("订", i*30), devices...) {
			seqs = append(seqs, m.TextSeq)
		}
	}
	salts, err := b.db.Read().QueryContext(t.Context(), `SELECT salt FROM audit_secret`)
	if err != nil {
		t.Fatal(err)
	}
	defer salts.Close()
	for salts.Next() {
		var salt []byte
		if err := salts.Scan(&salt); err != nil {
			t.Fatal(err)
		}
		needles = append(needles, salt)
	}
	if err := salts.Err(); err != nil || len(seqs) != 100 || len(needles) != 101 {
		t.Fatalf("%d texts, %d salts, %v", len(seqs), len(needles)-1, err)
	}
	if found := b.leftovers(t, needles...); !slices.Equal(found, []string{"backup.db", "console.db", "console.db-wal"}) {
		t.Fatalf("before, the search finds it in %v", found)
	}
	for _, seq := range seqs {
		if done := b.redact(t, seq, false); !slices.Equal(done.Rows, []int64{seq}) || len(done.Others) > 0 {
			t.Fatalf("%+v", done)
		}
	}
	if found := b.leftovers(t, needles...); len(found) > 0 {
		t.Errorf("bytes are left in %v", found)
	}
	if report := b.verify(t); report.Erased != 100 || report.Kept != 0 {
		t.Errorf("%+v", report)
	}
}

// The text stands in one place: in the message while it is a draft, then beside the row that it is sent or refused by.
func TestATextMovesBesideItsRow(t *testing.T) {
	t.Parallel()
	const draft, kept = `SELECT count(*) FROM message WHERE content <> ''`, `SELECT count(*) FROM audit_secret`
	for name, tt := range map[string]struct {
		before func(b *bench)
		state  State
	}{
		"sent":    {func(*bench) {}, OK},
		"lost":    {func(b *bench) { b.cmp.answers(errLost, false) }, Unknown},
		"too old": {func(b *bench) { b.wait(formLife + time.Second) }, Expired},
		"stopped": {func(b *bench) { b.stopping.Store(true) }, Refused},
	} {
		b := newBench(t)
		batch := b.preview(t, device)
		if b.count(t, draft) != 1 || b.count(t, kept) != 0 {
			t.Errorf("%s: a draft is not where it should be", name)
		}
		tt.before(b)
		messages, err := b.posted(t, batch)
		if err != nil || messages[0].Action.State != tt.state {
			t.Fatalf("%s: %+v, %v", name, messages, err)
		}
		if b.count(t, draft) != 0 || b.count(t, kept) != 1 || b.text(t, messages[0]).Content != "Reboot, please" {
			t.Errorf("%s: %d drafts, %d kept, %+v", name, b.count(t, draft), b.count(t, kept), b.text(t, messages[0]))
		}
		b.redact(t, messages[0].TextSeq, false)
		if text := b.text(t, messages[0]); text.Content != "" || text.Erased == nil || text.Erased.Actor != "root" || text.Erased.Reason != erase {
			t.Errorf("%s: after the erasure %+v", name, text)
		}
		if report := b.verify(t); report.Erased != 1 {
			t.Errorf("%s: %+v", name, report)
		}
	}
}

// A row that is not written keeps its text where it was.
func TestATextStaysWithoutItsRow(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	batch := b.preview(t, device)
	b.refuseRows(t, "")
	messages, err := b.posted(t, batch)
	if err != nil || len(b.cmp.messages) != 0 || messages[0].Draft != "Reboot, please" || messages[0].TextSeq != 0 {
		t.Errorf("%+v, %v", messages, err)
	}
	b.takeRows(t)
	if err := b.writeEnds(t.Context()); err != nil {
		t.Fatal(err)
	}
	if messages, err = b.posted(t, batch); err != nil || messages[0].Draft != "" || b.text(t, messages[0]).Content != "Reboot, please" {
		t.Errorf("%+v, %v", messages, err)
	}
}

// One text that went to several devices is erased beside one row, which tells of the others, or beside all of them.
func TestTheSameTextElsewhere(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if err := b.SaveTemplate(t.Context(), anna, "Greeting", "canary"); err != nil {
		t.Fatal(err)
	}
	sent := b.sendText(t, "canary", device, device2, device+"3")
	others := []int64{sent[1].TextSeq, sent[2].TextSeq}
	if done := b.redact(t, sent[0].TextSeq, false); !slices.Equal(done.Others, others) || !slices.Equal(done.Templates, []string{"Greeting"}) {
		t.Errorf("%+v", done)
	}
	if done := b.redact(t, others[0], true); !slices.Equal(done.Rows, others) || len(done.Others) > 0 {
		t.Errorf("%+v", done)
	}
	if err := b.SaveTemplate(t.Context(), anna, "Greeting", ""); err != nil {
		t.Fatal(err)
	}
	if done := b.redact(t, others[0], false); len(done.Rows) > 0 { // once more: it cleans the files of the template
		t.Errorf("%+v", done)
	}
	if found := b.leftovers(t, []byte("canary")); len(found) > 0 {
		t.Errorf("bytes are left in %v", found)
	}
	if n := b.count(t, `SELECT count(*) FROM audit WHERE action = 'audit.redact' AND device IS NOT NULL AND order_id IS NULL`); n != 3 {
		t.Errorf("%d rows tell of it", n)
	}
}

// Previews with the text, the rest of its batch, and what a session keeps of the composer are forgotten; other
// previews are not.
func TestDraftsOfAnErasedTextAreForgotten(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	batch, err := b.PrepareSMS(t.Context(), anna, Draft{Devices: []string{device, device2}, Content: "canary for {last4}"})
	if err != nil {
		t.Fatal(err)
	}
	b.exec(t, `UPDATE action SET actor = 'else' WHERE device_id = '`+device2+`'`) // so that half of the batch is sent
	sent, err := b.SendBatch(t.Context(), anna, batch)
	if err != nil || len(sent) != 1 {
		t.Fatal(sent, err)
	}
	for _, text := range []string{"canary for 0016", "another text"} {
		if _, err := b.PrepareSMS(t.Context(), anna, Draft{Devices: []string{device}, Content: text}); err != nil {
			t.Fatal(err)
		}
	}
	b.exec(t, `INSERT INTO account (id, name, password, roles, created_at) VALUES (1, 'anna', '', 'support', 0)`)
	b.exec(t, `INSERT INTO session (key, account_id, created_at, seen_at, data) VALUES (randomblob(32), 1, 0, 0, CAST('..kept.path../sms/new..canary..' AS BLOB)), (randomblob(32), 1, 0, 0, CAST('/orders/1/end' AS BLOB))`)
	b.redact(t, sent[0].TextSeq, false)
	if n, other := b.count(t, `SELECT count(*) FROM message`), b.count(t, `SELECT count(*) FROM message WHERE content = 'another text'`); n != 2 || other != 1 {
		t.Errorf("%d messages are left, %d of them with another text", n, other)
	}
	if n := b.count(t, `SELECT count(data) FROM session`); n != 1 {
		t.Errorf("%d of 2 sessions keep what was typed", n)
	}
	if found := b.leftovers(t, []byte("canary")); len(found) > 0 {
		t.Errorf("bytes are left in %v", found)
	}
}

// The text of a message that an older version sent stands in the message, and its row commits to nothing.
func TestTextsOfOlderVersionsAreErased(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.oldMessage(t, "LK1", "OLD", audit.Entry{Phase: audit.Intent})
	m, err := b.Message(t.Context(), "LK1")
	if err != nil || b.text(t, m).Content != "canary" {
		t.Fatalf("%+v, %v", m, err)
	}
	for range 2 { // the second time finds it done
		b.redact(t, 1, false)
	}
	if m, err = b.Message(t.Context(), "LK1"); err != nil || b.text(t, m).Erased == nil {
		t.Errorf("%+v, %v", b.text(t, m), err)
	}
	if found := b.leftovers(t, []byte("canary")); len(found) > 0 {
		t.Errorf("bytes are left in %v", found)
	}
	if report := b.verify(t); report.Rows != 2 || report.Erased != 1 {
		t.Errorf("%+v", report)
	}
}

// oldMessage puts a message into the database as an older version left it: the text in the message, and a row that
// commits to nothing.
func (b *bench) oldMessage(t *testing.T, msgID, action string, row audit.Entry) int64 {
	t.Helper()
	b.exec(t, `INSERT INTO action (id, order_id, device_id, verb, actor, state, before_status, prepared_at, claimed_at) VALUES ('`+action+`', '', '`+device+`', 'send', 'anna', 'ok', '', 1, 1)`)
	b.exec(t, `INSERT INTO message (msg_id, action_id, batch, device_id, content, is_binary, segments, sent_at) VALUES ('`+msgID+`', '`+action+`', 'B', '`+device+`', 'canary', 0, 1, 1)`)
	row.Actor, row.Action, row.Device, row.Detail = "anna", audit.SMSSend, device, []audit.Field{{Key: "action_id", Value: action}}
	seq, err := b.log.Append(t.Context(), row)
	if err != nil {
		t.Fatal(err)
	}
	return seq
}

// One text may stand in messages of an older version and beside rows: whichever is asked for tells of the rest, and all
// of them are erased together.
func TestTheSameTextInOlderMessages(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var rows []int64
	for _, old := range []struct{ msg, action, outcome string }{{"LK1", "OLD1", ""}, {"LK2", "OLD2", ""}, {"LK3", "OLD3", audit.Refused}} {
		e := audit.Entry{Phase: audit.Intent}
		if old.outcome != "" {
			e = audit.Entry{Phase: audit.Event, Outcome: old.outcome}
		}
		rows = append(rows, b.oldMessage(t, old.msg, old.action, e))
	}
	now := b.sendText(t, "canary", device2)[0].TextSeq
	if others, err := b.eraser().Same(t.Context(), now, TextField); err != nil || !slices.Equal(others, rows) {
		t.Errorf("beside row %d: %v, %v", now, others, err)
	}
	if done := b.redact(t, rows[0], false); !slices.Equal(done.Others, append(slices.Clone(rows[1:]), now)) {
		t.Errorf("%+v", done)
	}
	if found := b.leftovers(t, []byte("canary")); !slices.Equal(found, []string{"backup.db", "console.db"}) {
		t.Errorf("of three that are left the search finds %v", found)
	}
	if done := b.redact(t, rows[1], true); !slices.Equal(done.Rows, append(slices.Clone(rows[1:]), now)) || len(done.Others) > 0 {
		t.Errorf("%+v", done)
	}
	if found := b.leftovers(t, []byte("canary")); len(found) > 0 {
		t.Errorf("bytes are left in %v", found)
	}
	if report := b.verify(t); report.Erased != 4 {
		t.Errorf("%+v", report)
	}
}

// Only admins erase, for a reason, and what is there.
func TestWhoMayErase(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	sent := b.sendText(t, "canary", device)
	ask := Redaction{Seq: sent[0].TextSeq, Field: TextField, Reason: erase}
	outcome := ask
	outcome.Seq++
	login, err := b.log.Append(t.Context(), audit.Entry{Actor: "anna", Action: audit.SessionLogin, Phase: audit.Event})
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		who  Operator
		ask  Redaction
		kind fault.Kind
		says string
	}{
		"support":        {anna, ask, fault.Forbidden, "It needs Admin."},
		"manager":        {operatorOf("mia", auth.Manager), ask, fault.Forbidden, ""},
		"auditor":        {operatorOf("ada", auth.Auditor), ask, fault.Forbidden, ""},
		"no reason":      {root, Redaction{Seq: ask.Seq, Field: TextField}, fault.Invalid, "Say why"},
		"a short reason": {root, Redaction{Seq: ask.Seq, Field: TextField, Reason: "ok"}, fault.Invalid, "at least 3"},
		"a long reason":  {root, Redaction{Seq: ask.Seq, Field: TextField, Reason: strings.Repeat("订", 501)}, fault.Invalid, "500"},
		"no such row":    {root, Redaction{Seq: 99, Field: TextField, Reason: erase}, fault.NotFound, "no such row"},
		"no such value":  {root, Redaction{Seq: ask.Seq, Field: "to", Reason: erase}, fault.NotFound, "keeps no to that could be erased"},
		"the outcome":    {root, outcome, fault.NotFound, fmt.Sprintf("beside its intent, row %d", ask.Seq)},
		"a sign-in":      {root, Redaction{Seq: login, Field: TextField, Reason: erase}, fault.NotFound, "keeps no text"},
	} {
		_, err := b.eraser().Redact(t.Context(), tt.who, tt.ask)
		wantKind(t, err, tt.kind)
		if err != nil && !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	b.refuseRows(t, "event")
	_, err = b.eraser().Redact(t.Context(), root, ask)
	wantKind(t, err, fault.Unavailable)
	b.takeRows(t)
	if b.text(t, sent[0]).Content != "canary" || b.count(t, `SELECT count(*) FROM audit WHERE action = 'audit.redact'`) != 0 {
		t.Error("something was erased or recorded")
	}
}

// While somebody reads an old state its bytes cannot go: the answer says so, and asking again finishes it.
func TestErasingBesideAReader(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	seq := b.sendText(t, "canary", device)[0].TextSeq
	reader, err := b.verifier(t).BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := reader.QueryRowContext(t.Context(), `SELECT count(*) FROM audit_secret`).Scan(&n); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	done, err := b.eraser().Redact(t.Context(), root, Redaction{Seq: seq, Field: TextField, Reason: erase})
	wantKind(t, err, fault.Unavailable)
	if !slices.Equal(done.Rows, []int64{seq}) || !strings.Contains(err.Error(), "Ask for the same again to finish.") {
		t.Errorf("%+v, %v", done, err)
	}
	if err := reader.Rollback(); err != nil {
		t.Fatal(err)
	}
	if done := b.redact(t, seq, false); len(done.Rows) > 0 {
		t.Errorf("%+v", done)
	}
	if found := b.leftovers(t, []byte("canary")); len(found) > 0 {
		t.Errorf("bytes are left in %v", found)
	}
	if n := b.count(t, `SELECT count(*) FROM audit WHERE action = 'audit.redact'`); n != 1 {
		t.Errorf("%d rows tell of one erasure", n)
	}
}
