package cmpsim

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
)

// The operations of an order push, as the document numbers them; it leaves 1006
// blank.
const (
	operationEnded     = "1001"
	operationCancelled = "1002"
	operationPaused    = "1003"
	operationRestarted = "1004"
	operationOpened    = "1005"
	operationLocated   = "1007"
	operationExpired   = "1008"
	operationRenewed   = "1009"
	operationReduced   = "1010"
)

// operations are those of what a caller may ask for.
var operations = map[Action]string{
	ActionEnd: operationEnded, ActionCancel: operationCancelled, ActionPause: operationPaused, ActionRestart: operationRestarted, ActionOpen: operationOpened,
}

// event is something that pushes tell of. Its body is what the rule makes of it.
type event struct {
	push Push
	body func(PushRule) any
}

// orderPush is the body of "Order status push", keys as printed.
type orderPush struct {
	AssetID   string `json:"assetid"`
	IMSI      string `json:"imsi"`
	Operation string `json:"operation"`
	OrderID   string `json:"orderid"`
	Time      string `json:"time"`
}

// mtPush is the body of "SMS MT data push", keys as printed.
type mtPush struct {
	Supplier  string `json:"supplier_code"`
	ID        string `json:"msg_id"`
	Phone     string `json:"phone"`
	ICCID     string `json:"iccid"`
	Report    string `json:"status_report"`
	ReportMsg string `json:"status_report_msg"`
	Time      string `json:"timestamp"`
}

// moPush is the body of "SMS MO data push", keys as printed.
type moPush struct {
	Supplier string `json:"supplier_code"`
	Phone    string `json:"phone"`
	ICCID    string `json:"iccid"`
	Dest     string `json:"dest_address"`
	Content  string `json:"sms_content"`
	Time     string `json:"timestamp"`
}

// tellOrder plans the push of what happened to an order just now; the caller
// holds the lock.
func (s *Sim) tellOrder(operation string, d *Device, o *Order) {
	now := s.opts.Now()
	imsis := make([]string, 0, len(d.Profiles))
	for _, p := range d.Profiles {
		imsis = append(imsis, p.IMSI)
	}
	body := orderPush{AssetID: d.ID, IMSI: strings.Join(imsis, ","), Operation: operation, OrderID: o.ID}
	created := o.Ordered
	s.pushes.tell(event{
		push: Push{Kind: PushOrder, Time: now, DeviceID: d.ID, OrderID: o.ID, Operation: operation},
		body: func(r PushRule) any {
			body.Time = formatTime(created, spacedLayout)
			if r.EventTime {
				body.Time = formatTime(now, spacedLayout)
			}
			return body
		},
	})
}

// tellReport plans the push of the report on a message; the caller holds the lock.
func (s *Sim) tellReport(d *Device, m message) {
	body := mtPush{
		Supplier: d.supplier(), Phone: d.Profiles[0].MSISDN, ICCID: d.Profiles[0].ICCID, Report: m.Report, ReportMsg: "FAILED",
		Time: formatTime(m.Reported, spacedLayout),
	}
	if m.Report == reportDelivered {
		body.ReportMsg = "DELIVRD"
	}
	s.pushes.tell(event{
		push: Push{Kind: PushMT, Time: s.opts.Now(), DeviceID: d.ID, MessageID: m.ID},
		body: func(r PushRule) any {
			if body.ID = m.ID; r.MessageID != MessageIDCaller {
				body.ID = m.providersID()
			}
			return body
		},
	})
}

// tellMO plans the push of a message from a device; the caller holds the lock.
func (s *Sim) tellMO(d *Device, m MO, at time.Time) {
	body := moPush{
		Supplier: d.supplier(), Phone: d.Profiles[0].MSISDN, ICCID: d.Profiles[0].ICCID, Dest: m.Dest, Content: m.Content,
		Time: formatTime(at, spacedLayout),
	}
	s.pushes.tell(event{push: Push{Kind: PushMO, Time: at, DeviceID: d.ID}, body: func(PushRule) any { return body }})
}

// supplier is whose profile the card holds.
func (d *Device) supplier() string {
	for _, o := range d.Orders {
		if o.Supplier != "" {
			return o.Supplier
		}
	}
	return suppliers[0]
}

// providersID is the id that the service provider gives a message.
func (m message) providersID() string {
	sum := sha256.Sum256([]byte(m.ID + " " + m.Device))
	return hex.EncodeToString(sum[:16])
}
