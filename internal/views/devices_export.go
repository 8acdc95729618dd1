package views

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/fault"
	"cmpconsole/internal/mirror"
	"cmpconsole/internal/ops"
)

// exportFew is how many devices may be taken away by who works on single ones; whole fleets need the right to them.
const exportFew = 1000

var deviceHeader = []string{"device", "lifecycle", "stage starts", "stage ends", "order", "package code", "package", "order status", "bytes used", "bytes allowed", "percent used", "order starts", "order expires",
	"imsi", "msisdn", "imei", "all iccids", "all imsis", "ota", "partner code", "partner", "labels", "confirmed by the CMP (UTC)", "gone since (UTC)"}

// exportDevices answers with all devices that match, whatever page is shown, in the order of the list. That they were
// taken, and how many, is in the log before the first byte leaves.
func (s *Server) exportDevices(c *gin.Context) (response, error) {
	q, format := s.deviceQuery(c), c.Query("format")
	if wrong := q.fault(); wrong != "" {
		return nil, fault.New(fault.Invalid, wrong)
	}
	if sheetKinds[format] == "" {
		return nil, errSheetFormat
	}
	total, err := s.Mirror.Count(c.Request.Context(), q.filter)
	if err != nil {
		return nil, err
	}
	noteOf(c, "", "", "format", format, "rows", strconv.Itoa(total), "filter", q.narrowing())
	if err := mayTake(operator(c), total); err != nil {
		return nil, err
	}
	t := sheet{name: "devices-" + s.Now().UTC().Format("20060102-150405"), header: deviceHeader, numbers: []int{8, 9, 10}}
	t.each = func(write func(row []string) error) error {
		query := mirror.Query{Filter: q.filter, Sort: q.sort, Desc: q.desc}
		return s.Mirror.Each(c.Request.Context(), query, func(d mirror.Device) error { return write(deviceCells(&d)) })
	}
	return func(c *gin.Context) { s.stream(c, t, format) }, nil
}

// takesOnly says what may be taken away of so many devices, empty when all may be.
func takesOnly(who ops.Operator, devices int) string {
	if mayTake(who, devices) == nil {
		return ""
	}
	return "CSV and Excel take up to " + number(exportFew) + " devices."
}

// mayTake refuses more devices than somebody may take away.
func mayTake(who ops.Operator, devices int) error {
	if devices <= exportFew || who.Can(auth.DevicesAll) {
		return nil
	}
	return fault.New(fault.Forbidden, fmt.Sprintf("These are %s devices. Up to %s may be exported without the right to whole fleets: narrow the list, or ask an account manager.", number(devices), number(exportFew)))
}

// stream writes a table as its rows are read.
func (s *Server) stream(c *gin.Context, t sheet, format string) {
	rows := t.each
	s.download(c, sheetKinds[format], t.fileName(format), func(more func()) error {
		t.each = func(write func(row []string) error) error {
			return rows(func(row []string) error {
				more()
				return write(row)
			})
		}
		return t.write(c.Writer, format)
	})
}

func deviceCells(d *mirror.Device) []string {
	o := order(d)
	var iccids, imsis []string
	for _, p := range d.Profiles {
		iccids, imsis = append(iccids, p.ICCID), append(imsis, p.IMSI)
	}
	percent := ""
	if n, ok := o.UsedPercent(); ok {
		percent = strconv.Itoa(n)
	}
	status := ""
	if o.ID != "" {
		status = statusBadge(o.Status).Word
	}
	return []string{d.ID, stageBadge(d.Lifecycle).Word, dateCell(d.LifecycleStart), dateCell(d.LifecycleEnd), o.ID, o.PackageCode, o.PackageName, status, bytesCell(o.Used), bytesCell(o.Allowance), percent,
		dateCell(o.Active), dateCell(o.Expire), deviceIMSI(d), deviceMSISDN(d), d.IMEI, strings.Join(iccids, " "), strings.Join(imsis, " "), hasOTA(d.OTA), d.PartnerCode, d.PartnerName,
		strings.Join(d.Labels, ", "), utcCell(d.Read), utcCell(d.Gone)}
}

func bytesCell(v cmp.Volume) string {
	if !v.Known {
		return ""
	}
	return strconv.FormatInt(v.Bytes, 10)
}

// dateCell is a date of the CMP as spreadsheets and scripts read it, in the CMP's own zone; what is no date stays as it came.
func dateCell(t cmp.Time) string {
	switch {
	case t.At.IsZero():
		return t.Raw
	case t.DateOnly:
		return t.At.Format(time.DateOnly)
	}
	return t.At.Format(time.DateTime)
}

func utcCell(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateTime)
}
