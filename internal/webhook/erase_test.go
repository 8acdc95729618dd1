package webhook

import (
	"database/sql"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/fault"
)

const canary = "canary of a device"

// mo is a callback about an SMS from a device.
func mo(device, text, stamp string) string {
	return fmt.Sprintf(`{"supplier_code":"SP000040","phone":"61482271041","iccid":%q,"dest_address":"12345","sms_content":%q,"timestamp":%q}`, device, text, stamp)
}

// erase erases the text that a callback brought.
func (l *lab) erase(t *testing.T, push int64) (done bool, err error) {
	t.Helper()
	e := audit.Entry{Actor: "root", Reason: "Erasure asked for"}
	err = l.db.Write(t.Context(), func(tx *sql.Tx) error {
		done, err = l.EraseText(push)(t.Context(), tx, e)
		return err
	})
	return done, err
}

// canaries counts the callbacks and messages that have the text, wherever in them.
func (l *lab) canaries(t *testing.T) (n int) {
	t.Helper()
	err := l.db.Read().QueryRowContext(t.Context(), `SELECT (SELECT count(*) FROM push WHERE instr(CAST(body AS TEXT), ?1) OR instr(headers, ?1)) + (SELECT count(*) FROM mo_message WHERE instr(content, ?1))`, canary).Scan(&n)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// The text is erased in the message and in every callback that tells of it, in whatever words and at whatever address. What says something else stays.
func TestEraseWhatADeviceSent(t *testing.T) {
	t.Parallel()
	l := newLab(t, 300)
	const stamp, later = "2026-11-28 17:00:00", "2026-11-28 17:00:01"
	first := l.receive(t, SMSMO, "%s", mo("89852420180910344720", canary, stamp))
	l.receive(t, SMSMO, "%s", mo("89852420180910344720", canary, stamp))
	reworded := l.receive(t, SMSMO, `{"ICCID":"89852420180910344720","SmsContent":%q,"DestAddress":12345,"phone":"61482271041","timestamp":%q}`, canary, stamp)
	astray := l.receive(t, SMSMT, "%s", mo("89852420180910344720", canary, stamp))
	other := l.receive(t, SMSMO, "%s", mo("89852420180910344720", "another text", stamp))
	next := l.receive(t, SMSMO, "%s", mo("89852420180910344720", "the next text", later))
	l.drain(t)
	if n := l.canaries(t); n != 5 {
		t.Fatalf("the text stands in %d places", n)
	}
	for n, want := range []bool{true, false} {
		if done, err := l.erase(t, first.ID); done != want || err != nil {
			t.Fatalf("time %d: %t, %v", n, done, err)
		}
	}
	if n := l.canaries(t); n != 0 {
		t.Errorf("the text still stands in %d places", n)
	}
	rows := l.rows(t, audit.AuditRedact)
	if len(rows) != 1 || rows[0].Actor != "root" || rows[0].Device != "89852420180910344720" || rows[0].Reason != "Erasure asked for" || rows[0].Get("push") != "1" {
		t.Fatalf("recorded %+v", rows)
	}
	for _, id := range []int64{first.ID, reworded.ID, astray.ID} {
		if p := l.get(t, id); p.Erased != rows[0].Seq || p.Device != "89852420180910344720" || !strings.Contains(string(p.Body), "61482271041") || !strings.Contains(string(p.Body), erasedText) {
			t.Errorf("callback %d: %+v", id, p)
		}
	}
	messages, err := l.Inbounds(t.Context(), InboundQuery{Limit: 10})
	if err != nil || len(messages) != 3 || messages[2].Erased != rows[0].Seq || messages[2].Content != "" || messages[1].Content != "another text" || messages[0].Content != "the next text" {
		t.Errorf("%+v, %v", messages, err)
	}
	for _, id := range []int64{other.ID, next.ID} {
		if p := l.get(t, id); p.Erased != 0 || strings.Contains(string(p.Body), erasedText) {
			t.Errorf("callback %d lost its text: %s", id, p.Body)
		}
	}
}

// Neither the CMP, which sends it again, nor who has a callback processed again brings the text back, and no message more is in the inbox.
func TestWhatWasErasedStaysErased(t *testing.T) {
	t.Parallel()
	const stamp = "2026-11-28 17:00:00"
	for _, processed := range []bool{true, false} {
		t.Run(fmt.Sprintf("processed before: %t", processed), func(t *testing.T) {
			t.Parallel()
			l := newLab(t, 300)
			p := l.receive(t, SMSMO, "%s", mo("89852420180910344720", canary, stamp))
			if processed {
				l.drain(t)
			}
			if done, err := l.erase(t, p.ID); !done || err != nil {
				t.Fatal(done, err)
			}
			l.drain(t)
			l.at = l.at.Add(time.Minute)
			again, err := l.Receive(t.Context(), SMSMO, "10.0.0.1", http.Header{"X-Lf-Md5": {canary}}, []byte(mo("89852420180910344720", canary, stamp)))
			if err != nil || again.Erased == 0 {
				t.Errorf("it came again: %+v, %v", again, err)
			}
			l.receive(t, SMSMO, `{"iccid":"89852420180910344720","sms_content":%q,"dest_address":"12345","phone":"61482271041","timestamp":%q}`, canary, stamp)
			l.drain(t)
			newest := l.receive(t, SMSMO, "%s", mo("89852420180910344720", canary, stamp))
			l.drain(t)
			if ok, err := l.Replay(t.Context(), newest.ID, replayed); !ok || err != nil {
				t.Errorf("processed again: %t, %v", ok, err)
			}
			l.drain(t)
			if got := l.get(t, newest.ID); got.State != Done || got.Effect != Again || got.Times != 4 {
				t.Errorf("settled as %+v", got)
			}
			n, err := l.CountInbounds(t.Context(), InboundQuery{})
			if want := map[bool]int{true: 1}[processed]; n != want || err != nil || l.canaries(t) != 0 {
				t.Errorf("%d messages, %v; the text stands in %d places", n, err, l.canaries(t))
			}
		})
	}
}

// The message outlives its callback, which had to make room. What brings no text has none to erase, and nothing is erased without its row.
func TestErasingOfWhatIsLeft(t *testing.T) {
	t.Parallel()
	l := newLab(t, 300)
	gone, report := l.receive(t, SMSMO, "%s", mo("89852420180910344720", canary, "")), l.receive(t, SMSMT, `{"msg_id":"1","iccid":"89852420180910344720"}`)
	unread := l.receive(t, SMSMO, "sms_content=%s", canary)
	l.drain(t)
	l.set(t, gone.ID, "id = 900")
	if _, err := l.erase(t, report.ID); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a report: %v", err)
	}
	if _, err := l.erase(t, 99); fault.KindOf(err) != fault.NotFound {
		t.Errorf("none: %v", err)
	}
	if done, err := l.erase(t, unread.ID); !done || err != nil || string(l.get(t, unread.ID).Body) != erasedText {
		t.Errorf("what cannot be read: %t, %v", done, err)
	}
	if done, err := l.erase(t, gone.ID); !done || err != nil || l.canaries(t) != 0 {
		t.Errorf("without its callback: %t, %v; the text stands in %d places", done, err, l.canaries(t))
	}
	kept := l.receive(t, SMSMO, "%s", mo("89852420180910344738", canary, ""))
	l.full(t)
	if done, err := l.erase(t, kept.ID); done || err == nil || l.canaries(t) != 1 {
		t.Errorf("without a row: %t, %v", done, err)
	}
}
