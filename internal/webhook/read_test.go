package webhook

import (
	"encoding/json"
	"testing"
)

func TestWhatACallbackSays(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		kind Kind
		body string
		want Event
	}{
		"the document's order": {OrderStatus, `{"assetid":"89852420180910344720","imsi":"204046990912345, 454120260000001,","operation":"1001","orderid":"L201901290000000533","time":"2019-10-16 12:34:54"}`,
			Event{Device: "89852420180910344720", Order: "L201901290000000533", Operation: "1001", IMSIs: []string{"204046990912345", "454120260000001"}}},
		"numbers and other spellings": {OrderStatus, `{"assetId":8985242018091034472,"Operation":1012,"order_id":202107061625560742397,"unknown":{"a":[1]}}`,
			Event{Device: "8985242018091034472", Order: "202107061625560742397", Operation: "1012"}},
		"a report": {SMSMT, "\ufeff" + `{"msg_id":"18fc707863a0000a37157dd34e6ec630","iccid":"8943108169998931684","status_report":1,"status_report_msg":"DELIVRD"}`,
			Event{Device: "8943108169998931684", Message: "18fc707863a0000a37157dd34e6ec630", Report: "1", ReportMsg: "DELIVRD"}},
		"from a device": {SMSMO, `{"iccid":"8943108169998931684","phone":"61482271041","dest_address":"12345","sms_content":"up\u0000"}`,
			Event{Device: "8943108169998931684", Phone: "61482271041", To: "12345", Text: "up\u0000"}},
	} {
		p := Push{Kind: tt.kind, Body: []byte(tt.body), State: New}
		p.read()
		got, err := p.Event()
		got.At = tt.want.At
		if err != nil || p.State != New || text(t, got) != text(t, tt.want) {
			t.Errorf("%s: %s, %v, want %s", name, text(t, got), err, text(t, tt.want))
		}
	}
}

func text(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestUnreadableCallbacks(t *testing.T) {
	t.Parallel()
	for kind, bodies := range map[Kind][]string{
		OrderStatus: {"", "1", "[]", "null", `{"assetid":"89852420180910344720"`, `{"assetid":"89852420180910344720"}`, `{"orderid":"a b"}`, `{"orderid":"L1","assetid":"' OR 1"}`, `{"orderid":["L1"]}`},
		SMSMT:       {"{}", `{"phone":"61482271041"}`},
		SMSMO:       {"{}", `{"sms_content":"x"}`},
	} {
		for _, body := range bodies {
			p := Push{Kind: kind, Body: []byte(body), State: New}
			if p.read(); p.State != Unreadable || p.Wrong == "" {
				t.Errorf("%s %s: %s %q", kind, body, p.State, p.Wrong)
			}
		}
	}
}

// Whatever comes, nothing panics, and what is read names ids only.
func FuzzEvent(f *testing.F) {
	f.Add(`{"assetid":"89852420180910344720","orderid":"L201901290000000533","operation":"1001"}`)
	f.Add(`{"msg_id":1e400,"iccid":true,"time":null}`)
	f.Fuzz(func(t *testing.T, body string) {
		for _, kind := range Kinds() {
			p := Push{Kind: kind, Body: []byte(body), State: New}
			if p.read(); (p.State == Unreadable) != (p.Wrong != "") {
				t.Errorf("%+v", p)
			}
		}
	})
}
