package webhook

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"cmpconsole/internal/cmp"
)

var errNoObject = errors.New("the body is no JSON object")

// Event is what a callback says: not what is so. Every field is as it came, empty when it was not there.
type Event struct {
	Device    string // assetid or iccid
	Order     string
	Operation string // of an order: 1001 to 1010, and others
	IMSIs     []string
	Message   string // msg_id of an MT report: the provider's, which may be ours
	Report    string // "1" delivered, "2" failed, anything else unknown
	ReportMsg string
	Phone     string // MSISDN
	Supplier  string
	To        string // short code that an MO message was sent to
	Text      string // of an MO message; its sender is not verified
	At        cmp.Time
}

// Event reads the body: names in any case and with or without underscores, numbers or texts, and fields that nobody knows.
func (p *Push) Event() (Event, error) {
	fields, err := fieldsOf(p.Body)
	if err != nil {
		return Event{}, err
	}
	at := func(names ...string) string {
		for _, n := range names {
			if v := fields[n]; v != "" {
				return v
			}
		}
		return ""
	}
	e := Event{
		Device: at("assetid", "iccid", "simid", "deviceid"), Order: at("orderid"), Operation: at("operation"), Message: at("msgid"),
		Report: at("statusreport"), ReportMsg: at("statusreportmsg"), Phone: bounded(at("phone", "msisdn")), Supplier: at("suppliercode"),
		To: bounded(at("destaddress")), Text: at("smscontent"), At: cmp.TimeOf(bounded(at("time", "timestamp"))),
	}
	for imsi := range strings.SplitSeq(at("imsi"), ",") {
		if imsi = strings.TrimSpace(imsi); imsi != "" {
			e.IMSIs = append(e.IMSIs, imsi)
		}
	}
	return e, e.check(p.Kind)
}

// check names the first thing without which the callback leads nowhere.
func (e Event) check(kind Kind) error {
	switch {
	case e.Device != "" && !cmp.ValidID(e.Device):
		return errors.New("the device is no id: " + e.Device)
	case kind == OrderStatus && e.Order == "":
		return errors.New("there is no orderid")
	case kind == OrderStatus && !cmp.ValidOrderID(e.Order):
		return errors.New("the order is no id: " + e.Order)
	case kind == SMSMT && e.Message == "" && e.Device == "":
		return errors.New("there is neither msg_id nor iccid")
	case kind == SMSMO && e.Device == "" && e.Phone == "":
		return errors.New("there is neither iccid nor phone")
	}
	return nil
}

// read notes what the callback is about.
func (p *Push) read() {
	e, err := p.Event()
	if err != nil {
		p.State, p.Wrong = Unreadable, bounded(err.Error())
		return
	}
	p.Device = e.Device
	p.Subject = bounded(map[Kind]string{OrderStatus: e.Order, SMSMT: e.Message, SMSMO: e.Phone}[p.Kind])
}

// bounded cuts what a stranger wrote to what a list has room for.
func bounded(text string) string { return cut(text, 128) }

// cut shortens a text to so many bytes at most, and marks that it did. The body of the callback keeps all of it.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

// fieldsOf are the top-level fields as texts, by their names in lower case without underscores.
func fieldsOf(body []byte) (map[string]string, error) {
	dec := json.NewDecoder(bytes.NewReader(withoutMark(body)))
	dec.UseNumber()
	var raw map[string]any
	if err := dec.Decode(&raw); err != nil || raw == nil {
		return nil, errNoObject
	}
	fields := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(raw)) { // so that of two spellings the same one counts each time
		key := strings.ToLower(strings.ReplaceAll(name, "_", ""))
		switch v := raw[name].(type) {
		case string:
			fields[key] = strings.TrimSpace(v)
		case json.Number:
			fields[key] = v.String()
		case bool:
			fields[key] = map[bool]string{true: "true", false: "false"}[v]
		}
	}
	return fields, nil
}
