package webhook

import (
	"database/sql"
	"net/http"
	"os"
	"strings"
	"testing"
)

// write runs statements on the database.
func (i *Inbox) write(t *testing.T, statements ...string) {
	t.Helper()
	err := i.db.Write(t.Context(), func(tx *sql.Tx) error {
		for _, s := range statements {
			if _, err := tx.ExecContext(t.Context(), s); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// migrated has the messages as the migration leaves those of an older version: it learns which device was named from callbacks that are kept.
func (l *lab) migrated(t *testing.T) {
	t.Helper()
	steps, err := os.ReadFile("../store/migrations/0026_erased_text.sql")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(steps)) {
		if strings.HasPrefix(line, "UPDATE mo_message") {
			l.write(t, `UPDATE mo_message SET named = ''`, line)
			return
		}
	}
	t.Fatal("the migration does not look at the messages")
}

// A message of an older version does not say which device its callback named once that has made room. Its text is erased all the same, by
// the number of any callback that told of it, in those that are kept, and it stays erased.
func TestErasingOfOlderMessages(t *testing.T) {
	t.Parallel()
	stamped := mo("89852420180910344720", canary, "2026-11-28 17:00:00")
	for name, tt := range map[string]struct {
		body  string
		by    int64
		known bool
	}{
		"by one that is kept":             {stamped, 2, true},
		"by the one that is gone":         {stamped, 1, true},
		"kept, without a number":          {strings.Replace(stamped, "61482271041", "", 1), 2, true},
		"gone, without a number":          {strings.Replace(stamped, "61482271041", "", 1), 1, true},
		"kept, without a time":            {mo("89852420180910344720", canary, ""), 2, false},
		"gone, without a time":            {mo("89852420180910344720", canary, ""), 1, false},
		"kept, with a text for its time":  {mo("89852420180910344720", canary, "see "+canary), 2, false},
		"gone, with a text for its time":  {mo("89852420180910344720", canary, "see "+canary), 1, false},
		"gone, with a number that begins": {strings.Replace(stamped, "61482271041", "+61482271041", 1), 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, 30)
			for range 3 {
				l.receive(t, SMSMO, "%s", tt.body)
			}
			l.drain(t)
			l.write(t, `DELETE FROM push WHERE id = 1`)
			l.migrated(t)
			b, err := l.Brought(t.Context(), tt.by)
			if err != nil || b.Known != tt.known {
				t.Errorf("known again: %t, %v", b.Known, err)
			}
			if done, err := l.erase(t, tt.by); !done || err != nil || l.canaries(t) != 0 {
				t.Errorf("%t, %v; the text stands in %d places", done, err, l.canaries(t))
			}
			if !tt.known {
				return
			}
			if again := l.receive(t, SMSMO, "%s", tt.body); again.Erased == 0 {
				t.Errorf("it came again: %+v", again)
			}
			l.drain(t)
			if n, err := l.CountInbounds(t.Context(), InboundQuery{}); n != 1 || err != nil || l.canaries(t) != 0 {
				t.Errorf("%d messages, %v; the text stands in %d places", n, err, l.canaries(t))
			}
		})
	}
}

// What the migration learns is what the processor writes.
func TestTheMigrationLearnsWhichDeviceWasNamed(t *testing.T) {
	t.Parallel()
	l := newLab(t, 30)
	l.receive(t, SMSMO, "%s", mo("89852420180910344720", "one", "2026-11-28 17:00:00"))
	l.receive(t, SMSMO, `{"phone":"61482271041","sms_content":"two"}`)
	l.drain(t)
	const named = `SELECT group_concat(named, ',') FROM (SELECT named FROM mo_message ORDER BY id)`
	for _, when := range []string{"by the processor", "by the migration"} {
		var got string
		if err := l.db.Read().QueryRowContext(t.Context(), named).Scan(&got); err != nil || got != "89852420180910344720," {
			t.Errorf("%s: %q, %v", when, got, err)
		}
		l.migrated(t)
	}
}

// Other texts of the same sender are lost to no erasure: not one of the same second that has come and is yet to be processed, as parts of a
// longer one do, nor any without a time.
func TestErasingLosesNoOtherMessage(t *testing.T) {
	t.Parallel()
	for name, stamp := range map[string]string{"of the same second": "2026-11-28 17:00:00", "without a time": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, 30)
			const part = "the second part"
			first := l.receive(t, SMSMO, "%s", mo("89852420180910344720", canary, stamp))
			l.drain(t)
			second := l.receive(t, SMSMO, "%s", mo("89852420180910344720", part, stamp))
			if done, err := l.erase(t, first.ID); !done || err != nil {
				t.Fatal(done, err)
			}
			again := l.receive(t, SMSMO, "%s", mo("89852420180910344720", part, stamp))
			l.drain(t)
			if p, q := l.get(t, second.ID), l.get(t, again.ID); p.Erased != 0 || p.Effect != Kept || q.Erased != 0 || q.Effect != Again {
				t.Errorf("settled as %+v and %+v", p, q)
			}
			if stamp == "" {
				l.receive(t, SMSMO, "%s", mo("89852420180910344720", "the third part", stamp))
				l.drain(t)
			}
			messages, err := l.Inbounds(t.Context(), InboundQuery{Limit: 10})
			want := map[string][]string{"": {"the third part", part, ""}}[stamp]
			if stamp != "" {
				want = []string{part, ""}
			}
			if err != nil || len(messages) != len(want) || l.canaries(t) != 0 {
				t.Fatalf("%+v, %v", messages, err)
			}
			for n, text := range want {
				if messages[n].Content != text {
					t.Errorf("message %d: %+v", n, messages[n])
				}
			}
		})
	}
}

// A text that stands where none belongs, such as in place of the time, is erased there too, and does not get into the log.
func TestErasingATextWhereNoneBelongs(t *testing.T) {
	t.Parallel()
	const see = "see: " + canary
	for name, body := range map[string]string{
		"time":   mo("89852420180910344720", canary, see),
		"number": strings.Replace(mo("", canary, "2026-11-28 17:00:00"), "61482271041", see, 1),
		"code":   strings.Replace(mo("89852420180910344720", canary, "2026-11-28 17:00:00"), `"12345"`, `"`+see+`"`, 1),
		"device": mo(see, canary, "2026-11-28 17:00:00"),
		"long":   mo("89852420180910344720", canary, strings.Repeat("1", 60)+see),
	} {
		for _, gone := range []bool{false, true} {
			t.Run(name+map[bool]string{true: ", callback gone"}[gone], func(t *testing.T) {
				t.Parallel()
				l := newLab(t, 30)
				p, err := l.Receive(t.Context(), SMSMO, "10.0.0.1", http.Header{}, []byte(body))
				if err != nil {
					t.Fatal(err)
				}
				l.drain(t)
				if gone && name != "device" { // which is no message
					l.write(t, `DELETE FROM push`)
				}
				if done, err := l.eraser().RedactBy(t.Context(), root, "Erasure asked for", l.EraseText(p.ID)); !done || err != nil {
					t.Fatal(done, err)
				}
				if found := l.leftovers(t, []byte(canary)); len(found) > 0 {
					t.Errorf("bytes are left in %v", found)
				}
			})
		}
	}
}

// Values that look like what their field is for stand, and no others.
func TestMaskLeavesWhatIsNoText(t *testing.T) {
	t.Parallel()
	const fields = `"dest_address":12345,"iccid":"89852420180910344720","imsi":"204046990912345,204046990912346","phone":"+61482271041","supplier_code":"SP000040","timestamp":"2026-11-28 17:00:00"`
	for body, want := range map[string]string{
		`{` + fields + `,"sms_content":"x"}`:                                     `{` + fields[:len(fields)-len(`,"supplier_code":"SP000040","timestamp":"2026-11-28 17:00:00"`)] + `,"sms_content":"-","supplier_code":"SP000040","timestamp":"2026-11-28 17:00:00"}`,
		`{"time":"2026-11-28T17:00:00+08:00"}`:                                   `{"time":"2026-11-28T17:00:00+08:00"}`,
		`{"time":"see you","phone":"call me","imsi":["x"]}`:                      `{"imsi":"-","phone":"-","time":"-"}`,
		`{"orderid":"` + strings.Repeat("1", 65) + `","phone":null,"time":true}`: `{"orderid":"-","phone":null,"time":true}`,
	} {
		if got, ok := Mask([]byte(body), "-"); !ok || string(got) != want {
			t.Errorf("%s\n%s, want\n%s", body, got, want)
		}
	}
}
