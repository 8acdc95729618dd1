package cmpsim

import (
	"slices"
	"time"
)

// smsAnswer is the data node of querySmsCDR. Its count is the size of a page,
// as in the printed answer: 242 rows on 49 pages of 5.
type smsAnswer struct {
	Total int       `json:"totalData"`
	Count int       `json:"count"`
	Pages int       `json:"totalPage"`
	Data  []smsNode `json:"data"`
}

// smsNode is one message from or to a card, keys as printed.
type smsNode struct {
	Device    string  `json:"deviceId"`
	FromICCID *string `json:"fromIccid"`
	ToICCID   *string `json:"toIccid"`
	SendPhone *string `json:"sendMsisdn"`
	RecPhone  *string `json:"recMsisdn"`
	Type      string  `json:"smsType"`
	Time      string  `json:"timestamp"`
	Report    string  `json:"sendStatus"`
}

// smsRecord is one of those before it is printed.
type smsRecord struct {
	mo     bool
	at     time.Time
	report string
}

func (x smsRecord) node(d *Device) smsNode {
	n := smsNode{Device: d.ID, Time: formatTime(x.at, spacedLayout), Report: x.report}
	if x.mo {
		n.Type, n.FromICCID, n.SendPhone = "MO", &d.ID, &d.Profiles[0].MSISDN
		return n
	}
	n.Type, n.ToICCID, n.RecPhone = "MT", &d.ID, &d.Profiles[0].MSISDN
	return n
}

// querySmsCDR answers section "Query MO、MT CDR", oldest first as printed.
func (s *Sim) querySmsCDR(p params) (any, bool, *refusal) {
	id, err := p.need("device_id")
	if err != nil {
		return nil, false, err
	}
	d, ok := s.fleet.device(id)
	if !ok {
		return nil, false, refuse(codeNoDevice, id)
	}
	from, until, err := s.smsWindow(p)
	if err != nil {
		return nil, false, err
	}
	no, size, err := p.page(s.opts.PageCap)
	if err != nil {
		return nil, false, err
	}
	found := s.smsOf(d, from, until)
	page, first, last := pageOf(no, size, len(found))
	rows := make([]smsNode, 0, last-first)
	for _, x := range found[first:last] {
		rows = append(rows, x.node(d))
	}
	return smsAnswer{Total: page.TotalCount, Count: size, Pages: page.TotalPages, Data: rows}, false, nil
}

// smsWindow reads the two optional days; without them it is the whole history.
func (s *Sim) smsWindow(p params) (from, until time.Time, err *refusal) {
	if from, err = p.day("begin_time"); err != nil {
		return from, until, err
	}
	if until, err = p.day("end_time"); err != nil {
		return from, until, err
	}
	today := dateOf(s.opts.Now())
	if from.IsZero() {
		from = today.AddDate(0, 0, -historyDays)
	}
	if until.IsZero() {
		until = today
	}
	if until.Before(from) {
		return from, until, refuse(codeBadValue, "end_time")
	}
	return from, until, nil
}

// smsOf are a card's messages between two days: an old one every few days, and
// those that were sent to it and by it in the sandbox.
func (s *Sim) smsOf(d *Device, from, until time.Time) []smsRecord {
	now := s.opts.Now()
	var found []smsRecord
	for day := from; !day.After(until) && day.Before(now); day = day.AddDate(0, 0, 1) {
		r := s.stream(d, "sms", int(day.Unix()/86_400))
		if d.servedOn(day) == nil || !r.chance(18) {
			continue
		}
		for range r.between(1, 3) {
			x := smsRecord{mo: r.chance(40), at: day.Add(time.Duration(r.below(86_400)) * time.Second)}
			if !x.mo {
				x.report = pick(r, []string{"1", "1", "1", "1", "2", ""})
			}
			found = append(found, x)
		}
	}
	for _, m := range s.saved.Messages {
		if m.Device == d.ID && !m.Sent.Before(from) && m.Sent.Before(until.AddDate(0, 0, 1)) {
			status, _ := s.report(m)
			found = append(found, smsRecord{at: m.Sent, report: status})
		}
	}
	for _, m := range s.saved.Received {
		if m.Device == d.ID && !m.At.Before(from) && m.At.Before(until.AddDate(0, 0, 1)) {
			found = append(found, smsRecord{mo: true, at: m.At})
		}
	}
	found = slices.DeleteFunc(found, func(x smsRecord) bool { return x.at.After(now) })
	slices.SortStableFunc(found, func(x, y smsRecord) int { return x.at.Compare(y.at) })
	return found
}
