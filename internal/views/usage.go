package views

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/sync/errgroup"

	"cmpconsole/internal/cmp"
	"cmpconsole/internal/fault"
	"cmpconsole/web/templates"
)

// usageDays is how many days are shown when none are asked for.
const usageDays = 30

// usageQuery is what a visitor asks for: days in the CMP's zone, both included.
type usageQuery struct {
	device, apn           string
	from, until           time.Time
	fromText, untilText   string
	fromError, untilError string
}

// usageQueryOf reads the days. What is wrong with them stands at its field, and then nothing is asked of the CMP.
func usageQueryOf(c *gin.Context, now time.Time) usageQuery {
	today := day(now.In(cmp.Zone))
	q := usageQuery{device: c.Param("id"), apn: strings.TrimSpace(c.Query("apn"))}
	q.fromText = c.DefaultQuery("from", today.AddDate(0, 0, 1-usageDays).Format(time.DateOnly))
	q.untilText = c.DefaultQuery("until", today.Format(time.DateOnly))
	oldest := today.Add(-cmp.CDRHistory)
	var err error
	if q.from, err = time.ParseInLocation(time.DateOnly, q.fromText, cmp.Zone); err != nil {
		q.fromError = "Write the day as 2026-01-31."
	} else if q.from.Before(oldest) {
		q.fromError = "The CMP keeps 180 days: the first day can be " + oldest.Format(time.DateOnly) + " at the earliest."
	} else if q.from.After(today) {
		q.fromError = "This day has not begun yet: the first day can be " + today.Format(time.DateOnly) + " at the latest."
	}
	if q.until, err = time.ParseInLocation(time.DateOnly, q.untilText, cmp.Zone); err != nil {
		q.untilError = "Write the day as 2026-01-31."
	} else if q.until.Before(q.from) && q.fromError == "" {
		q.untilError = "This day lies before the first one."
	}
	if q.until.After(today) {
		q.until = today
	}
	return q
}

func (q usageQuery) wrong() bool { return q.fromError+q.untilError != "" }

// asked is the question to the CMP, with the APN where it can be told.
func (q usageQuery) asked(byAPN bool) cmp.CDRQuery {
	if !byAPN {
		q.apn = ""
	}
	return cmp.CDRQuery{DeviceID: q.device, ByAPN: byAPN, APN: q.apn, From: q.from, Until: q.until}
}

// href is the address of the same days at a path.
func (q usageQuery) href(path string, more ...string) string {
	return withQuery(path, append([]string{"from", q.fromText, "until", q.untilText, "apn", q.apn}, more...)...)
}

func usageHref(id string) string { return deviceHref(id) + "/usage" }

// showUsage shows what a device used in some days: a chart, sums and the records.
func (s *Server) showUsage(c *gin.Context) (response, error) {
	id := c.Param("id")
	noteOf(c, id, "", "tab", "usage")
	if !cmp.ValidID(id) {
		return nil, errDeviceID
	}
	number, err := pageNumber(c)
	if err != nil {
		return nil, err
	}
	q, k := usageQueryOf(c, s.Now()), s.clock(c)
	view := k.usageForm(q)
	if q.wrong() {
		view.Head = s.bareHead(c, id, "Usage")
		return page(http.StatusUnprocessableEntity, s.deviceFrame(c, id, "Usage of "+id), templates.UsagePage(view)), nil
	}
	r, err := s.readUsage(c.Request.Context(), q)
	if err != nil {
		return nil, deviceFault(err)
	}
	view.Head = s.deviceHead(c, r.device, "Usage")
	if view.Refused = refusedNotice(r.refused); view.Refused != nil {
		c.Set(keyCause, r.refused)
		return page(http.StatusOK, s.deviceFrame(c, id, "Usage of "+id), templates.UsagePage(view)), nil
	}
	k.addUsage(&view, q, r.records, number)
	if !s.CMP.Has(cmp.CallCDRsByAPN) {
		view.Notes = append(view.Notes, "Your CMP installation does not tell the APN of sessions, so they cannot be filtered by it.")
	}
	if r.cut {
		view.Notes = append(view.Notes, "There are more records than can be read at once: these are the newest. Choose fewer days for the rest.")
	}
	return page(http.StatusOK, s.deviceFrame(c, id, "Usage of "+id), templates.UsagePage(view)), nil
}

// usageReading is what the two calls gave: the device, for the head of the page, and its records.
type usageReading struct {
	device  cmp.Device
	records []cmp.CDR
	cut     bool  // there are more records than are read at once
	refused error // why the CMP gives no records
}

// readUsage reads the device and its records at the same time.
func (s *Server) readUsage(ctx context.Context, q usageQuery) (r usageReading, err error) {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) { r.device, err = s.CMP.Device(ctx, q.device); return err })
	group.Go(func() (err error) {
		r.records, err = s.CMP.AllCDRs(ctx, q.asked(s.CMP.Has(cmp.CallCDRsByAPN)))
		switch {
		case errors.Is(err, cmp.ErrTooManyCDRs):
			r.cut, err = true, nil
		case cmp.KindOf(err) == cmp.Rejected:
			r.refused, err = err, nil
		}
		return err
	})
	err = group.Wait()
	return r, err
}

// exportUsage answers with the records of the same days as a file.
func (s *Server) exportUsage(c *gin.Context) (response, error) {
	id, format := c.Param("id"), c.Query("format")
	noteOf(c, id, "", "tab", "usage", "export", format)
	q := usageQueryOf(c, s.Now())
	if !cmp.ValidID(id) {
		return nil, errDeviceID
	}
	if q.wrong() {
		return nil, fault.New(fault.Invalid, strings.TrimSpace(q.fromError+" "+q.untilError))
	}
	records, err := s.CMP.AllCDRs(c.Request.Context(), q.asked(s.CMP.Has(cmp.CallCDRsByAPN)))
	if errors.Is(err, cmp.ErrTooManyCDRs) {
		return nil, fault.Wrap(fault.Invalid, err, "There are more records than can be read at once. Choose fewer days, so that the file is whole.")
	}
	if err != nil {
		return nil, err
	}
	t := sheet{
		name:    "usage-" + id + "-" + q.fromText + "-" + q.untilText,
		header:  []string{"device", "started (" + zoneAssumed + ")", "ended (" + zoneAssumed + ")", "bytes", "seconds", "mcc", "mnc", "country", "access", "apn", "package", "imsi", "msisdn"},
		numbers: []int{3, 4}, // bytes and seconds
	}
	for _, r := range records {
		t.rows = append(t.rows, usageCells(r))
	}
	return t.file(format)
}

func usageCells(r cmp.CDR) []string {
	seconds, size := "", ""
	if r.HasDuration {
		seconds = strconv.Itoa(int(r.Duration / time.Second))
	}
	if r.Volume.Known {
		size = strconv.FormatInt(r.Volume.Bytes, 10)
	}
	return []string{r.DeviceID, r.Start.Raw, r.End.Raw, size, seconds, r.MCC, r.MNC, countries[r.MCC], r.Network, r.APN, r.PlanID, r.IMSI, r.MSISDN}
}
