package cmp

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"time"
)

// CDRHistory is how far back records can be asked for (API document, "Query the CDR by single simId").
const CDRHistory = 180 * 24 * time.Hour

// CDR is one data record of a card. The document does not say in which zone its times are; UTC+8 is assumed.
type CDR struct {
	DeviceID, IMSI, MSISDN string
	MCC, MNC, Network      string
	PlanID, APN            string // the APN is given by the call with APN only, and not always
	Volume                 Volume
	Start, End             Time // the end is often missing
	Duration               time.Duration
	HasDuration            bool
}

// CDRQuery asks for one card's records of the days From to Until, both included. ByAPN asks with the call that tells
// APN and duration where they are known; with an APN, or several with commas between, only for their records.
type CDRQuery struct {
	DeviceID    string
	ByAPN       bool
	APN         string
	From, Until time.Time
	Page, Size  int
}

// CDRPage is one page of records, newest first. Total is what the CMP claims.
type CDRPage struct {
	CDRs              []CDR
	Page, Size, Total int
}

// CDRs reads one page of records (API document, "Query the CDR by single simId" and "… and apn"). Volumes come in
// bytes. It fails with NotFound when the text can be no device id.
func (c *Client) CDRs(ctx context.Context, q CDRQuery) (CDRPage, error) {
	op, values := "sims/"+q.DeviceID+"/cdr", url.Values{
		"received_start_time": {q.From.Format(time.DateOnly)}, "received_end_by": {q.Until.Format(time.DateOnly)},
		"page_no": {strconv.Itoa(q.Page)}, "page_size": {strconv.Itoa(q.Size)},
	}
	if !ValidID(q.DeviceID) {
		return CDRPage{}, notFound("sims/{sim_id}/cdr", errNoDeviceID)
	}
	if q.ByAPN || q.APN != "" {
		op += "/apn"
	}
	if q.APN != "" {
		values.Set("apn", q.APN)
	}
	n, err := c.read(ctx, op, values)
	if err != nil {
		return CDRPage{}, err
	}
	rows, err := n.children("data")
	if err != nil {
		return CDRPage{}, unusable(op, err)
	}
	p := CDRPage{Page: q.Page, Size: q.Size, Total: max(n.count("total_count"), len(rows))}
	for _, row := range rows {
		p.CDRs = append(p.CDRs, cdrFrom(row))
	}
	return p, nil
}

func cdrFrom(n *node) CDR {
	r := CDR{
		DeviceID: n.text("sim_id"), IMSI: n.text("imsi"), MSISDN: filler(n.text("msisdn")), MCC: n.text("mcc"), MNC: n.text("mnc"), Network: n.text("network"),
		PlanID: n.text("plan_id"), APN: n.text("apn"), Volume: parseVolume(n.text("data"), 1),
		Start: parseTime(n.text("session_started_at")), End: parseTime(n.text("session_ended_at")),
	}
	if seconds := n.text("duration"); amount.MatchString(seconds) {
		r.Duration, r.HasDuration = time.Duration(n.count("duration"))*time.Second, true
	}
	return r
}

// The records that are read at most for one view, by pages.
const (
	cdrPageSize = 200
	cdrMaxPages = 25
)

// ErrTooManyCDRs tells that there are more records than are read at once; those read so far are returned with it.
var ErrTooManyCDRs = errors.New("more records than are read at once")

// AllCDRs reads the records of all pages, newest first. The CMP gives rows no id, so that equal rows of one page
// are kept, as it prints them, and a row that slid from one page to the next while we read is counted once.
func (c *Client) AllCDRs(ctx context.Context, q CDRQuery) ([]CDR, error) {
	var all []CDR
	onPage := map[CDR]int{}
	for q.Page, q.Size = 1, cdrPageSize; q.Page <= cdrMaxPages; q.Page++ {
		p, err := c.CDRs(ctx, q)
		if err != nil {
			return nil, err
		}
		fresh := false
		for _, r := range p.CDRs {
			if earlier := onPage[r]; earlier != 0 && earlier != q.Page {
				continue
			}
			onPage[r], fresh = q.Page, true
			all = append(all, r)
		}
		if !fresh || len(all) >= p.Total && len(p.CDRs) < q.Size {
			return all, nil
		}
	}
	return all, ErrTooManyCDRs
}
