package cmpsim

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// ticking is a clock that a test moves.
type ticking struct{ at atomic.Pointer[time.Time] }

func newTicking(t time.Time) *ticking { c := &ticking{}; c.at.Store(&t); return c }

func (c *ticking) now() time.Time { return *c.at.Load() }

func (c *ticking) wait(d time.Duration) { next := c.now().Add(d); c.at.Store(&next) }

func smsBody(id, device string) string {
	return fmt.Sprintf(`{"flag_list":[{"msg_id":%q,"device_id":%q}],"sms_content":"hello","message_type":"1"}`, id, device)
}

func TestSMSAsPrinted(t *testing.T) {
	t.Parallel()
	d := printed(t, stamp(t, spacedLayout, "2024-05-31 15:53:00"),
		&Device{ID: "8961026924500530494", Profiles: []Profile{{"8961026924500530494", "505026900144551", "61482271041"}}, Orders: []Order{{ID: "O", Status: StatusInUse, Expire: noon}}},
		&Device{ID: "89430101523088119436", Profiles: []Profile{{}}}, &Device{ID: "89430101523088119435", Profiles: []Profile{{}}})
	d.same(t, "sms/sendSms", "sendSms", string(sample(t, "sendSms.request")))
	d.saved.Messages = append(d.saved.Messages, message{ID: "LK20240531155200000001", Device: "8961026924500530494", Sent: stamp(t, spacedLayout, "2024-05-31 15:52:34")})
	d.same(t, "sms/queryMTSmsStatus", "queryMTSmsStatus", string(sample(t, "queryMTSmsStatus.request")))
}

func TestSMSRecordsAsPrinted(t *testing.T) {
	t.Parallel()
	card := &Device{ID: "8961026924500530510", Profiles: []Profile{{"", "", "61482271050"}}}
	var rows []smsNode
	for _, at := range []string{"2024-07-12 16:04:42", "2024-07-12 16:07:10"} {
		rows = append(rows, smsRecord{at: stamp(t, spacedLayout, at)}.node(card))
	}
	asPrinted(t, "querySmsCDR", smsAnswer{Total: 242, Count: 5, Pages: 49, Data: rows})
}

type mtPage struct {
	Data  []mtNode `json:"data"`
	Total int      `json:"total_count"`
}

func (d door) mt(t *testing.T, body string) mtPage {
	t.Helper()
	return decode[mtPage](t, d.post(t, "sms/queryMTSmsStatus", body).Data)
}

// A message waits, is then delivered to a device in use, and given up for one that nobody can reach.
func TestSMSIsReported(t *testing.T) {
	t.Parallel()
	clock := newTicking(noon)
	d := openDoor(t, Options{Now: clock.now})
	for id, device := range map[string]string{"LK1": DemoInUse, "LK2": DemoNoOrder} {
		if a := d.post(t, "sms/sendSms", smsBody(id, device)); a.Code != codeSuccess || string(a.Data) != "null" {
			t.Fatalf("%s: %s", id, a.Raw)
		}
	}
	for _, step := range []struct {
		wait           time.Duration
		inUse, noOrder string
	}{{0, "", ""}, {deliveryTime, "1", ""}, {giveUpTime, "1", "2"}} {
		clock.wait(step.wait)
		reached, lost := d.mt(t, `{"msg_id":"LK1"}`), d.mt(t, `{"device_id":"`+DemoNoOrder+`"}`)
		if reached.Total != 1 || reached.Data[0].Report != step.inUse || (reached.Data[0].End != nil) != (step.inUse != "") {
			t.Errorf("after %s, to a device in use: %+v", step.wait, reached.Data)
		}
		if lost.Total != 1 || lost.Data[0].Report != step.noOrder {
			t.Errorf("after %s, to a device without an order: %+v", step.wait, lost.Data)
		}
	}
	if all := d.mt(t, `{}`); all.Total != 2 {
		t.Errorf("without filters: %+v", all)
	}
}

// A message to a withdrawn card is taken and never sent.
func TestSMSIsNotSent(t *testing.T) {
	t.Parallel()
	clock := newTicking(noon)
	d := openDoor(t, Options{Now: clock.now, Devices: 120})
	card, ok := d.Sample(SortDisposal)
	if !ok {
		t.Fatal("no withdrawn card")
	}
	d.post(t, "sms/sendSms", smsBody("LK1", card.ID))
	clock.wait(time.Hour)
	if m := d.mt(t, `{"msg_id":"LK1"}`); m.Total != 1 || m.Data[0].Sent != "2" || m.Data[0].Report != "" || m.Data[0].End != nil {
		t.Errorf("%+v", m)
	}
}

func TestSMSThatIsRefused(t *testing.T) {
	t.Parallel()
	d := openDoor(t, Options{})
	d.post(t, "sms/sendSms", smsBody("LK1", DemoInUse))
	for body, code := range map[string]string{
		`{"sms_content":"x","message_type":"1"}`:                                                             codeMissing,
		strings.Replace(smsBody("LK2", DemoInUse), "hello", "", 1):                                           codeMissing,
		strings.Replace(smsBody("LK2", DemoInUse), `type":"1"`, `type":"3"`, 1):                              codeBadValue,
		smsBody("XX1", DemoInUse):                                                                            codeMessageID,
		smsBody("LK"+strings.Repeat("1", 31), DemoInUse):                                                     codeMessageID,
		smsBody("LK1", DemoInUse):                                                                            codeSameMessage,
		smsBody("LK3", DemoInUse+",89000000000000000000"):                                                    codeNoDevice,
		strings.Replace(smsBody("LK4", DemoInUse), `[`, `[{"msg_id":"LK4","device_id":"`+DemoInUse+`"},`, 1): codeSameMessage,
	} {
		if a := d.post(t, "sms/sendSms", body); a.Code != code {
			t.Errorf("%s: %s, want %s", body, a.Raw, code)
		}
	}
	if n := len(d.saved.Messages); n != 1 {
		t.Errorf("%d messages were sent", n)
	}
}

// The history has both directions, old ones and those just sent, oldest first, on the third kind of pages.
func TestSMSRecords(t *testing.T) {
	t.Parallel()
	d := openDoor(t, Options{})
	d.post(t, "sms/sendSms", smsBody("LK1", DemoInUse+", "+DemoSuspended))
	all := decode[smsAnswer](t, d.post(t, "sms/querySmsCDR", `{"device_id":"`+DemoInUse+`","page_size":500}`).Data)
	kinds := map[string]int{}
	for i, x := range all.Data {
		kinds[x.Type]++
		if i > 0 && x.Time < all.Data[i-1].Time || (x.Type == "MO") != (x.FromICCID != nil) || (x.Type == "MT") != (x.ToICCID != nil) {
			t.Errorf("row %d: %+v", i, x)
		}
	}
	if kinds["MO"] == 0 || kinds["MT"] == 0 || all.Total != len(all.Data) || all.Data[all.Total-1].Time != formatTime(noon, spacedLayout) {
		t.Errorf("%d rows, %v", all.Total, kinds)
	}
	paged := decode[smsAnswer](t, d.post(t, "sms/querySmsCDR", `{"device_id":"`+DemoInUse+`","page_no":2,"page_size":3}`).Data)
	if paged.Count != 3 || paged.Pages != (all.Total+2)/3 || len(paged.Data) != 3 || paged.Data[0] != all.Data[3] && paged.Data[0].Time != all.Data[3].Time {
		t.Errorf("%+v", paged)
	}
	today := decode[smsAnswer](t, d.post(t, "sms/querySmsCDR", `{"device_id":"`+DemoSuspended+`","begin_time":"2025-11-24","end_time":"2025-11-24"}`).Data)
	if today.Total == 0 {
		t.Errorf("today: %+v", today)
	}
	for body, code := range map[string]string{
		`{}`: codeMissing, `{"device_id":"89000000000000000000"}`: codeNoDevice, `{"device_id":"` + DemoInUse + `","begin_time":"yesterday"}`: codeBadValue,
		`{"device_id":"` + DemoInUse + `","begin_time":"2025-11-24","end_time":"2025-11-23"}`: codeBadValue,
	} {
		if a := d.post(t, "sms/querySmsCDR", body); a.Code != code {
			t.Errorf("%s: %s, want %s", body, a.Raw, code)
		}
	}
}
