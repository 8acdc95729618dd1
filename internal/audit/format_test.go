package audit

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// golden is every field of a body, with all that is special in one of them.
var golden = Row{Seq: 42, Time: time.Date(2026, 3, 4, 5, 6, 7, 89_000, time.FixedZone("UTC+8", 8*3600)), Entry: Entry{
	Actor: "support", Roles: "support, manager", Action: OrderPause, Phase: PhaseOutcome, Outcome: Rejected,
	Device: "89860620000000000017", Order: "YPOR2208", Reason: "<b>\"a\\b\"</b> & \x00\b\t\n\f\r\x1b\x7f\u2028\u202e订单",
	UpstreamCode: "A0104", UpstreamMessage: "no order", RequestID: "01JD", Of: 41, IP: "192.0.2.7", Session: "c0ffee",
	LatencyMS: 1234, Detail: []Field{{"b", "2"}, {"a", ""}},
}}

const goldenBody = `{"v":1,"seq":42,"time":"2026-03-03T21:06:07.000089Z","actor":"support","roles":"support, manager",` +
	`"action":"order.pause","phase":"outcome","outcome":"rejected","device":"89860620000000000017","order":"YPOR2208",` +
	`"reason":"<b>\"a\\b\"</b> & \u0000\b\t\n\f\r\u001b` + "\x7f\u2028\u202e" + `订单","upstream_code":"A0104","upstream_message":"no order",` +
	`"request_id":"01JD","of":41,"ip":"192.0.2.7","session":"c0ffee","latency_ms":1234,"detail":{"b":"2","a":""}}`

func TestBodyIsCanonical(t *testing.T) {
	t.Parallel()
	if got := string(encodeBody(&golden)); got != goldenBody {
		t.Errorf("body\n%s\nwant\n%s", got, goldenBody)
	}
	var read struct {
		Seq    int64
		Reason string
		Detail map[string]string
	}
	if err := json.Unmarshal([]byte(goldenBody), &read); err != nil || read.Seq != 42 || read.Reason != golden.Reason || read.Detail["b"] != "2" {
		t.Errorf("encoding/json reads %+v, %v", read, err)
	}
	least := Row{Seq: 1, Time: time.Unix(0, 0)}
	if got := string(encodeBody(&least)); got != `{"v":1,"seq":1,"time":"1970-01-01T00:00:00.000000Z"}` {
		t.Errorf("least body %s", got)
	}
}

// The literals were computed once by another program from the written definition. They must never change:
// every log there is depends on them.
func TestHashVectors(t *testing.T) {
	t.Parallel()
	if got := hex.EncodeToString(genesis("LOGID-EXAMPLE")); got != wantGenesis {
		t.Errorf("genesis %s, want %s", got, wantGenesis)
	}
	hash, _ := rowHash(nil, 42, genesis("LOGID-EXAMPLE"), []byte(goldenBody))
	if got := hex.EncodeToString(hash[:]); got != wantHash {
		t.Errorf("hash %s, want %s", got, wantHash)
	}
}

const (
	wantGenesis = "85538d2724b75031449e3c99900c22fd9e176e2c1c1fac6dc7ea6df39a0d551d"
	wantHash    = "8c05785da63f1758757b9b462c72ee9303a4c8df093077806dceaf7f02dd29c6"
)

// A row that commits to values says so behind its detail; one that does not has the bytes that it always had.
func TestCommitmentsInTheBody(t *testing.T) {
	t.Parallel()
	body := sealedBody
	r, err := parseBody([]byte(body))
	if err != nil || len(r.Commitments) != 2 || r.Commitments[1] != (Field{"to", strings.Repeat("cd", 32)}) || string(encodeBody(&r)) != body {
		t.Errorf("%+v, %v", r.Commitments, err)
	}
	withSecret := Row{Seq: 1, Time: time.Unix(0, 0), Entry: clean(Entry{Secrets: []Field{{"text", "Reboot, please"}, {"", "no name"}, {"text", ""}}})}
	kept := seal(&withSecret)
	text := string(encodeBody(&withSecret))
	if len(kept) != 2 || strings.Contains(text, "Reboot") || !strings.HasSuffix(text, `,"secrets":{"text":"`+kept[0].commitment()+`","text_2":"`+kept[1].commitment()+`"}}`) {
		t.Errorf("%s, kept %+v", text, kept)
	}
}

const sealedBody = `{"v":1,"seq":1,"time":"1970-01-01T00:00:00.000000Z","detail":{"a":"1"},"secrets":{"text":"` +
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" + `","to":"` + "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd" + `"}}`

// The literal was computed once by another program from the written definition.
func TestCommitmentVector(t *testing.T) {
	t.Parallel()
	s := secret{field: "text", value: []byte("Reboot, please 订单")}
	for i := range saltSize {
		s.salt = append(s.salt, byte(i))
	}
	if got := s.commitment(); got != "596798d8e32e2bf5159346f70cdc38ef288722e79e1823ac047e3a7b6317a5b5" {
		t.Errorf("commitment %s", got)
	}
}

func TestParseRefusesWhatIsNotCanonical(t *testing.T) {
	t.Parallel()
	least := `{"v":1,"seq":1,"time":"1970-01-01T00:00:00.000000Z"`
	commitment := strings.Repeat("ab", 32)
	for name, body := range map[string]string{
		"empty":              "",
		"white space":        `{"v": 1` + least[6:] + "}",
		"other version":      strings.Replace(least, `"v":1`, `"v":2`, 1) + "}",
		"no seq":             `{"v":1,"time":"1970-01-01T00:00:00.000000Z"}`,
		"leading zero":       strings.Replace(least, `"seq":1`, `"seq":01`, 1) + "}",
		"negative":           strings.Replace(least, `"seq":1`, `"seq":-1`, 1) + "}",
		"number missing":     `{"v":1,"seq":`,
		"too large":          strings.Replace(least, `"seq":1`, `"seq":9223372036854775808`, 1) + "}",
		"no such day":        strings.Replace(least, "01-01T", "02-30T", 1) + "}",
		"hour 24":            strings.Replace(least, "T00", "T24", 1) + "}",
		"second 60":          strings.Replace(least, ":00.", ":60.", 1) + "}",
		"local time":         strings.Replace(least, "Z", "+", 1) + "}",
		"no time":            `{"v":1,"seq":1}`,
		"empty text":         least + `,"actor":""}`,
		"other order":        least + `,"roles":"a","actor":"b"}`,
		"twice":              least + `,"actor":"a","actor":"b"}`,
		"unknown key":        least + `,"color":"red"}`,
		"not closed":         least + `,"actor":"a`,
		"escape cut":         least + `,"actor":"a\`,
		"escaped letter":     least + `,"actor":"\u0061"}`,
		"long for short":     least + `,"actor":"\u000a"}`,
		"upper case":         least + `,"actor":"\u001B"}`,
		"slash escaped":      least + `,"actor":"\/"}`,
		"raw control":        least + ",\"actor\":\"a\nb\"}",
		"raw control later":  least + ",\"actor\":\"\\ta\nb\"}",
		"not UTF-8":          least + ",\"actor\":\"\xff\"}",
		"empty detail":       least + `,"detail":{}}`,
		"detail key twice":   least + `,"detail":{"a":"1","a":"2"}}`,
		"detail key empty":   least + `,"detail":{"":"1"}}`,
		"detail not closed":  least + `,"detail":{"a":"1",`,
		"empty secrets":      least + `,"secrets":{}}`,
		"secrets first":      least + `,"secrets":{"a":"` + commitment + `"},"detail":{"a":"1"}}`,
		"secrets key twice":  least + `,"secrets":{"a":"` + commitment + `","a":"` + commitment + `"}}`,
		"a value in secrets": least + `,"secrets":{"a":"Reboot, please"}}`,
		"commitment cut":     least + `,"secrets":{"a":"` + commitment[2:] + `"}}`,
		"commitment upper":   least + `,"secrets":{"a":"` + strings.ToUpper(commitment) + `"}}`,
		"commitment escaped": least + `,"secrets":{"a":"\u0061` + commitment[1:] + `"}}`,
		"zero latency":       least + `,"latency_ms":0}`,
		"behind the end":     least + `}}`,
		"cut":                least,
		"null byte for text": least + ",\"actor\":\"\x00\"}",
	} {
		if r, err := parseBody([]byte(body)); err == nil {
			t.Errorf("%s: %s was read as %+v", name, body, r)
		}
	}
	if _, err := parseBody([]byte(least + "}")); err != nil {
		t.Errorf("the body they are all made from: %v", err)
	}
}

// FuzzParseBody holds that a body has one reading and one form: what parses is encoded to the same bytes.
func FuzzParseBody(f *testing.F) {
	f.Add([]byte(goldenBody))
	f.Add([]byte(sealedBody))
	f.Add([]byte(`{"v":1,"seq":1,"time":"2024-02-29T23:59:59.999999Z","actor":"\u0001\"\\"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := parseBody(body)
		if err != nil {
			return
		}
		if got := encodeBody(&r); !bytes.Equal(got, body) {
			t.Errorf("%q came back as %q", body, got)
		}
		if !json.Valid(body) {
			t.Errorf("%q is no JSON", body)
		}
	})
}

// FuzzClean holds that whatever text comes is within bounds, valid, and survives being written and read.
func FuzzClean(f *testing.F) {
	f.Add("plain", int64(1))
	f.Add(strings.Repeat("订", 600), int64(-5))
	f.Add("\xff\xfe\x00\u202e", int64(1<<62))
	f.Add(strings.Repeat("a", 255)+"é", int64(0))
	f.Fuzz(func(t *testing.T, s string, n int64) {
		e := clean(Entry{Actor: s, Action: Action(s), Phase: Phase(s), Reason: s, UpstreamMessage: s, Of: n, LatencyMS: n,
			Detail: []Field{{s, s}, {s, "again"}, {s, s}}, Secrets: []Field{{s, s}, {s, s}}})
		if len(e.Actor) > maxText || utf8.RuneCountInString(e.Reason) > maxReason || len(e.UpstreamMessage) > maxMessage || e.Of < 0 {
			t.Errorf("%q is out of bounds: %+v", s, e)
		}
		for _, d := range e.Detail {
			if len(d.Key) > maxText || len(d.Value) > maxValue {
				t.Errorf("key of %d bytes, value of %d", len(d.Key), len(d.Value))
			}
		}
		in := Row{Seq: 7, Time: time.UnixMicro(1_700_000_000_123_456), Entry: e}
		for _, kept := range seal(&in) {
			if string(kept.value) != s || !kept.fits(&in) {
				t.Errorf("%q is kept as %q", s, kept.value)
			}
		}
		body := encodeBody(&in)
		out, err := parseBody(body)
		if err != nil || !bytes.Equal(encodeBody(&out), body) {
			t.Errorf("%q: %v\n%s", s, err, body)
		}
	})
}

func TestTextIsCutOnARuneBorder(t *testing.T) {
	t.Parallel()
	e := clean(Entry{Actor: strings.Repeat("订", 100), Reason: strings.Repeat("订", 501), UpstreamMessage: strings.Repeat("订", 200),
		Device: "a\xffb", Detail: []Field{{"", "no name"}, {"k", "1"}, {"k", "2"}, {"k", "3"}}})
	if e.Actor != strings.Repeat("订", 82)+cutMark || e.Reason != strings.Repeat("订", 492)+cutMark || e.UpstreamMessage != strings.Repeat("订", 163)+cutMark {
		t.Errorf("cut to %d, %d, %d bytes", len(e.Actor), len(e.Reason), len(e.UpstreamMessage))
	}
	if e.Device != "a\uFFFDb" {
		t.Errorf("device %q", e.Device)
	}
	if want := []Field{{"k", "1"}, {"k_2", "2"}, {"k_3", "3"}}; len(e.Detail) != 3 || e.Detail[1] != want[1] || e.Detail[2] != want[2] {
		t.Errorf("detail %v", e.Detail)
	}
}

// A list of ids stands in a row whole, or says that it goes on: the last one that is there is never half an id.
func TestNoIDIsCutUnnoticed(t *testing.T) {
	t.Parallel()
	for n := range 300 {
		ids := make([]string, n)
		for i := range ids {
			ids[i] = fmt.Sprintf("YPOR2024011800%0*d", 4+n%7, i)
		}
		list := strings.Join(ids, ", ")
		e := clean(Entry{Detail: []Field{{"orders_before", list}}})
		got := e.Get("orders_before")
		kept, isCut := strings.CutSuffix(got, cutMark)
		if isCut != (len(list) > maxValue) || len(got) > maxValue || !isCut && got != list {
			t.Fatalf("%d ids in %d bytes: %q", n, len(list), got)
		}
		if isCut && (!strings.HasPrefix(list, kept+" ") || len(got) < maxValue-longestID) {
			t.Errorf("%d ids: cut to %q", n, got)
		}
	}
}

// The longest row that there can be is exported and read back.
func TestTheLongestRowFitsIntoAnExport(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("\x00", 3_000)
	e := Entry{Actor: long, Roles: long, Action: Action(long), Phase: Phase(long), Outcome: long, Device: long, Order: long, Reason: long,
		UpstreamCode: long, UpstreamMessage: long, RequestID: long, IP: long, Session: long}
	for range maxDetail + 1 {
		e.Detail = append(e.Detail, Field{long, long})
		e.Secrets = append(e.Secrets, Field{long, ""})
	}
	r := Row{Seq: 1, Time: time.UnixMicro(1), Entry: clean(e)}
	seal(&r)
	body := encodeBody(&r)
	line := Exported{Row: r, Body: body}.JSON()
	if len(r.Detail) != maxDetail || len(line) < len(body) || len(line) > maxLine {
		t.Errorf("a line of %d bytes for a body of %d", len(line), len(body))
	}
}
