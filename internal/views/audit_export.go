package views

import (
	"encoding/csv"
	"encoding/hex"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/fault"
)

// exportAudit answers with exactly the rows that the filter shows, oldest first, as CSV for people or as JSON Lines
// that can be verified offline. That it was exported is in the log before the first byte leaves.
func (s *Server) exportAudit(c *gin.Context) (response, error) {
	f, view, err := s.auditFilter(c)
	if err != nil {
		return nil, err
	}
	if wrong := filterFault(view); wrong != nil {
		return nil, wrong
	}
	format := c.Query("format")
	if format != "csv" && format != "jsonl" {
		return nil, fault.New(fault.Invalid, "The log is exported as csv or jsonl.")
	}
	f.Before, f.After = 0, 0
	total, more, err := s.Audit.Matching(c.Request.Context(), f)
	if err != nil {
		return nil, err
	}
	first, last, err := s.Audit.Ends(c.Request.Context(), f)
	if err != nil {
		return nil, err
	}
	about := []string{"format", format, "rows", howMany(total, more), "first", strconv.FormatInt(first, 10), "last", strconv.FormatInt(last, 10), "filter", c.Request.URL.RawQuery}
	if f.Whole() {
		about = append(about, audit.WholeLog, "yes")
	}
	noteOf(c, f.Device, f.Order, about...)
	return func(c *gin.Context) { s.streamAudit(c, f, format) }, nil
}

// howMany words a count that may have stopped early.
func howMany(n int64, more bool) string {
	if more {
		return "more than " + strconv.FormatInt(n, 10)
	}
	return strconv.FormatInt(n, 10)
}

// streamAudit writes the rows as they are read.
func (s *Server) streamAudit(c *gin.Context, f audit.Filter, format string) {
	kind, export, write, flush := "application/x-ndjson", s.Audit.Export, func(r audit.Exported) error { _, err := c.Writer.Write(r.JSON()); return err }, func() error { return nil }
	if format == "csv" {
		out := csv.NewWriter(c.Writer)
		kind, export, out.UseCRLF = "text/csv; charset=utf-8", s.Audit.ExportBare, true
		write = func(r audit.Exported) error { return out.Write(auditCells(r)) }
		flush = func() error { out.Flush(); return out.Error() }
	}
	name := "audit-" + s.Now().UTC().Format("20060102-150405") + "." + format
	s.download(c, kind, name, func(more func()) error {
		if format == "csv" {
			_, _ = c.Writer.WriteString("\ufeff" + "seq,time,actor,roles,action,phase,outcome,device,order,reason,upstream_code,upstream_message,request_id,of,ip,session,latency_ms,detail,prev_hash,hash\r\n")
		}
		err := export(c.Request.Context(), f, func(r audit.Exported) error {
			more()
			return write(r)
		})
		if err == nil {
			err = flush()
		}
		return err
	})
}

// auditCells is a row for a spreadsheet, which must not compute any of it.
func auditCells(r audit.Exported) []string {
	detail := ""
	for _, d := range r.Detail {
		detail += d.Key + "=" + d.Value + "\n"
	}
	cells := []string{
		strconv.FormatInt(r.Seq, 10), r.Time.UTC().Format(time.RFC3339Nano), r.Actor, r.Roles, string(r.Action), string(r.Phase), r.Outcome, r.Device, r.Order, r.Reason,
		r.UpstreamCode, r.UpstreamMessage, r.RequestID, strconv.FormatInt(r.Of, 10), r.IP, r.Session, strconv.FormatInt(r.LatencyMS, 10), detail, hex.EncodeToString(r.PrevHash), hex.EncodeToString(r.Hash),
	}
	for i, cell := range cells {
		cells[i] = inert(cell)
	}
	return cells
}
