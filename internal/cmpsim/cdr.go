package cmpsim

import (
	"slices"
	"strings"
	"time"
)

// historyDays is how far back records can be asked for.
const historyDays = 180

// session is one data record of a card.
type session struct {
	bytes    int64
	start    time.Time
	end      time.Time // zero: the network did not tell
	place    place
	network  string
	plan     string
	apn      string
	measured bool // its APN and duration are known
}

// innerAnswer is the second envelope inside the data of CDR and SMS calls.
type innerAnswer struct {
	Data       any         `json:"data"`
	Status     innerStatus `json:"status"`
	TotalCount int         `json:"total_count"`
}

type innerStatus struct {
	Code    string  `json:"code"`
	Detail  *string `json:"detail"`
	Message string  `json:"message"`
}

func innerOf(rows any, total int) innerAnswer {
	return innerAnswer{Data: rows, Status: innerStatus{Code: "CB-00-0000", Message: "Success"}, TotalCount: total}
}

// cdrNode is one record of a card, keys as printed.
type cdrNode struct {
	Data    int64   `json:"data"`
	IMSI    string  `json:"imsi"`
	MCC     string  `json:"mcc"`
	MNC     string  `json:"mnc"`
	MSISDN  string  `json:"msisdn"`
	Network string  `json:"network"`
	PlanID  string  `json:"plan_id"`
	Ended   *string `json:"session_ended_at"`
	Started string  `json:"session_started_at"`
	SimID   string  `json:"sim_id"`
}

// apnNode is one record of a card and an APN.
type apnNode struct {
	cdrNode
	APN      *string `json:"apn"`
	Duration *int    `json:"duration"`
}

func (x session) node(d *Device) cdrNode {
	return cdrNode{
		Data: x.bytes, IMSI: d.Profiles[0].IMSI, MCC: x.place.mcc, MNC: x.place.mnc, MSISDN: d.Profiles[0].MSISDN, Network: x.network,
		PlanID: x.plan, Ended: orNull(formatTime(x.end, spacedLayout)), Started: formatTime(x.start, spacedLayout), SimID: d.ID,
	}
}

func (x session) apnNode(d *Device) apnNode {
	n := apnNode{cdrNode: x.node(d)}
	if x.measured && !x.end.IsZero() {
		seconds := int(x.end.Sub(x.start) / time.Second)
		n.APN, n.Duration = &x.apn, &seconds
	}
	return n
}

// simCDR answers section "Query the CDR by single simId".
func (s *Sim) simCDR(p params) (any, bool, *refusal) {
	found, d, total, err := s.records(p, "")
	if err != nil {
		return nil, false, err
	}
	rows := make([]cdrNode, 0, len(found))
	for _, x := range found {
		rows = append(rows, x.node(d))
	}
	return innerOf(rows, total), false, nil
}

// simCDRByAPN answers section "Query the CDR by single simId and apn".
func (s *Sim) simCDRByAPN(p params) (any, bool, *refusal) {
	found, d, total, err := s.records(p, p.text("apn"))
	if err != nil {
		return nil, false, err
	}
	rows := make([]apnNode, 0, len(found))
	for _, x := range found {
		rows = append(rows, x.apnNode(d))
	}
	return innerOf(rows, total), false, nil
}

// records are a page of a card's records between two days, newest first.
func (s *Sim) records(p params, apns string) (rows []session, d *Device, total int, err *refusal) {
	from, until, err := s.window(p)
	if err != nil {
		return nil, nil, 0, err
	}
	no, size, err := p.page(s.opts.PageCap)
	if err != nil {
		return nil, nil, 0, err
	}
	d, ok := s.fleet.device(p.text("sim_id"))
	if !ok {
		return nil, nil, 0, refuse(codeNoDevice, p.text("sim_id"))
	}
	found := s.sessions(d, from, until)
	if apns != "" {
		wanted := strings.Split(apns, ",")
		found = slices.DeleteFunc(found, func(x session) bool { return !slices.Contains(wanted, x.apn) })
	}
	_, first, last := pageOf(no, size, len(found))
	return found[first:last], d, len(found), nil
}

// window reads the two days of a query, both included.
func (s *Sim) window(p params) (from, until time.Time, err *refusal) {
	for name, at := range map[string]*time.Time{"received_start_time": &from, "received_end_by": &until} {
		if _, err := p.need(name); err != nil {
			return from, until, err
		}
		if *at, err = p.day(name); err != nil {
			return from, until, err
		}
	}
	switch {
	case until.Before(from):
		return from, until, refuse(codeBadValue, "received_end_by")
	case from.Before(dateOf(s.opts.Now()).AddDate(0, 0, -historyDays)):
		return from, until, refuse(codeTooOld)
	}
	return from, until, nil
}
