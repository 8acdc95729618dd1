package cmpsim

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// message is an SMS to a device, as long as the sandbox remembers it.
type message struct {
	ID     string    `json:"id"`
	Device string    `json:"device"`
	Sent   time.Time `json:"sent"`
	// Report is what became of it, once that is known.
	Report   string    `json:"report,omitempty"`
	Reported time.Time `json:"reported,omitzero"`
}

// The reports on a message.
const (
	reportDelivered = "1"
	reportFailed    = "2"
)

// The time from sending a message to the report on it, and how long a device
// that nobody can reach is tried.
const (
	deliveryTime = 4 * time.Second
	giveUpTime   = 40 * time.Second
)

// flagNode pairs devices with the id that the caller gave their message.
type flagNode struct {
	Device string `json:"device_id"`
	ID     string `json:"msg_id"`
}

// sendSms answers section "Send SMS message". The sandbox keeps no text.
func (s *Sim) sendSms(p params) (any, bool, *refusal) {
	var flags []flagNode
	if json.Unmarshal(p["flag_list"], &flags) != nil || len(flags) == 0 {
		return nil, false, refuse(codeMissing, "flag_list")
	}
	if _, err := p.need("sms_content"); err != nil {
		return nil, false, err
	}
	if _, err := p.oneOf("message_type", "1", "2"); err != nil {
		return nil, false, err
	}
	var batch []message
	for _, f := range flags {
		more, err := s.messagesOf(f, batch)
		if err != nil {
			return nil, false, err
		}
		batch = append(batch, more...)
	}
	for _, m := range batch {
		s.unreported = append(s.unreported, len(s.saved.Messages))
		s.saved.Messages = append(s.saved.Messages, m)
	}
	s.save("messages")
	return nil, true, nil
}

// messagesOf reads one node; its devices are a list with commas.
func (s *Sim) messagesOf(f flagNode, before []message) ([]message, *refusal) {
	if !strings.HasPrefix(f.ID, "LK") || len(f.ID) > 32 {
		return nil, refuse(codeMessageID, f.ID)
	}
	same := func(m message) bool { return m.ID == f.ID }
	if slices.ContainsFunc(s.saved.Messages, same) || slices.ContainsFunc(before, same) {
		return nil, refuse(codeSameMessage, f.ID)
	}
	var out []message
	for id := range strings.SplitSeq(f.Device, ",") {
		id = strings.TrimSpace(id)
		if _, ok := s.fleet.device(id); !ok {
			return nil, refuse(codeNoDevice, id)
		}
		out = append(out, message{ID: f.ID, Device: id, Sent: s.opts.Now()})
	}
	return out, nil
}

// takesSMS tells whether a message is sent at all: none goes to a card that was
// withdrawn.
func (d *Device) takesSMS() bool { return d.Lifecycle != LifecycleDisposal }

// settleReports notes what became of messages, once and for all, and tells of it.
func (s *Sim) settleReports() {
	known := false
	s.unreported = slices.DeleteFunc(s.unreported, func(i int) bool {
		m := &s.saved.Messages[i]
		if m.Report, m.Reported = s.report(*m); m.Report == "" {
			return s.opts.Now().After(m.Sent.Add(giveUpTime)) // it was never sent
		}
		known = true
		if d, ok := s.fleet.device(m.Device); ok {
			s.tellReport(d, *m)
		}
		return true
	})
	if known {
		s.save("messages")
	}
}

// report is what became of a message: empty while nobody knows or nothing was
// sent, delivered to a device with an order in use, failed when it was given up.
func (s *Sim) report(m message) (status string, at time.Time) {
	if m.Report != "" {
		return m.Report, m.Reported
	}
	wait, status := giveUpTime, reportFailed
	d, ok := s.fleet.device(m.Device)
	if ok && !d.takesSMS() {
		return "", time.Time{}
	}
	if ok && d.withStatus(StatusInUse) != nil {
		wait, status = deliveryTime, reportDelivered
	}
	if at = m.Sent.Add(wait); s.opts.Now().Before(at) {
		return "", time.Time{}
	}
	return status, at
}

// mtNode is one row of queryMTSmsStatus, keys as printed.
type mtNode struct {
	AssetID string  `json:"assetId"`
	MSISDN  string  `json:"msisdn"`
	Start   string  `json:"sendStartTime"`
	Sent    string  `json:"sendStatus"`
	Report  string  `json:"statusReport"`
	End     *string `json:"sendEndTime"`
}

// queryMTSmsStatus answers section "Query MT SMS Record": newest first, all
// filters optional, and without the msg_id in its rows.
func (s *Sim) queryMTSmsStatus(p params) (any, bool, *refusal) {
	no, size, err := p.page(s.opts.PageCap)
	if err != nil {
		return nil, false, err
	}
	device, id := p.text("device_id"), p.text("msg_id")
	var rows []mtNode
	for _, m := range slices.Backward(s.saved.Messages) {
		if (device != "" && m.Device != device) || (id != "" && m.ID != id) {
			continue
		}
		if d, ok := s.fleet.device(m.Device); ok {
			status, at := s.report(m)
			sent := "1"
			if !d.takesSMS() {
				sent = "2"
			}
			rows = append(rows, mtNode{
				AssetID: d.ID, MSISDN: d.Profiles[0].MSISDN, Start: formatTime(m.Sent, spacedLayout), Sent: sent, Report: status, End: orNull(formatTime(at, spacedLayout)),
			})
		}
	}
	_, from, to := pageOf(no, size, len(rows))
	return innerOf(append([]mtNode{}, rows[from:to]...), len(rows)), false, nil
}
