package views

import (
	gocmp "cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/fault"
	"cmpconsole/internal/ops"
	"cmpconsole/web/templates"
)

// auditOutcomes are the outcomes that a filter offers: those of rows first, then those of settlements.
var auditOutcomes = []string{
	audit.OK, audit.Rejected, audit.Unknown, audit.NotSent, audit.Refused, audit.Denied, audit.Failed,
	string(ops.EffectPresent), string(ops.EffectAbsent), string(ops.Undetermined),
}

// auditFilter reads the filter of an address. What is wrong with it stands in the view, at its field.
func (s *Server) auditFilter(c *gin.Context) (audit.Filter, templates.AuditList, error) {
	v := templates.AuditList{Actor: pasted(c.Query("actor")), Action: c.Query("action"), Device: compact(c.Query("device")),
		Order: pasted(c.Query("order")), Outcome: c.Query("outcome"), Text: strings.TrimSpace(c.Query("q")), From: pasted(c.Query("from")), Until: pasted(c.Query("until"))}
	v.Filtered = v.Actor+v.Action+v.Device+v.Order+v.Outcome+v.Text+v.From+v.Until != ""
	// Names of users are kept in lower case.
	f := audit.Filter{Actor: strings.ToLower(v.Actor), Action: v.Action, Device: v.Device, Order: v.Order, Outcome: v.Outcome, Text: v.Text, Limit: listSize + 1}
	s.clock(c).between(&f, &v)
	if who := operator(c); !who.Can(auth.AuditRead) {
		v.Mine, f.Actor = true, who.Name
	}
	for key, field := range map[string]*int64{"before": &f.Before, "after": &f.After} {
		if text := c.Query(key); text != "" {
			n, err := strconv.ParseInt(text, 10, 64)
			if err != nil || n < 0 {
				return f, v, fault.New(fault.Invalid, "The page of the log is not given as a row number.")
			}
			*field = n
		}
	}
	v.Chips = auditChips(v)
	v.CSVHref, v.JSONHref = withQuery("/audit/export", append(auditPairs(v), "format", "csv")...), withQuery("/audit/export", append(auditPairs(v), "format", "jsonl")...)
	auditOptions(&v)
	return f, v, nil
}

// filterFault is the first thing that is wrong with a filter, nil when nothing is.
func filterFault(v templates.AuditList) *fault.Error {
	if wrong := gocmp.Or(v.ActionError, v.OutcomeError, v.FromError, v.UntilError, v.TextError); wrong != "" {
		return fault.New(fault.Invalid, wrong)
	}
	return nil
}

// auditPairs are the filters as they stand in addresses.
func auditPairs(v templates.AuditList) []string {
	return []string{"actor", v.Actor, "action", v.Action, "device", v.Device, "order", v.Order, "outcome", v.Outcome, "from", v.From, "until", v.Until, "q", v.Text}
}

func auditChips(v templates.AuditList) []templates.Chip {
	return chips("/audit", []filter{{"actor", "Who", v.Actor, false}, {"action", "Action", v.Action, false}, {"device", "Device", v.Device, true}, {"order", "Order", v.Order, true}, {"outcome", "Outcome", v.Outcome, false}, {"from", "From", v.From, false}, {"until", "Until", v.Until, false}, {"q", "Text", v.Text, false}})
}

// momentForms are the ways to write a moment of a filter, each with how long the day, minute or second lasts that it names.
var momentForms = []struct {
	form  string
	lasts func(time.Time) time.Time
}{
	{time.DateOnly, func(t time.Time) time.Time { return t.AddDate(0, 0, 1) }},
	{"2006-01-02T15:04", func(t time.Time) time.Time { return t.Add(time.Minute) }},
	{"2006-01-02T15:04:05", func(t time.Time) time.Time { return t.Add(time.Second) }},
}

// between narrows a filter to the time from one moment to another in the reader's zone: a day, minute or second that is
// named as the last one belongs to it.
func (k clock) between(f *audit.Filter, v *templates.AuditList) {
	begins, _, okFrom := k.typedMoment(v.From)
	_, ends, okUntil := k.typedMoment(v.Until)
	f.Since, f.Until = begins, ends
	v.FromShown, v.FromType = picker(v.From, "T00:00", okFrom)
	v.UntilShown, v.UntilType = picker(v.Until, "T23:59", okUntil)
	if !okFrom {
		v.FromError = momentError(v.From)
	}
	switch {
	case !okUntil:
		v.UntilError = momentError(v.Until)
	case okFrom && !ends.IsZero() && !begins.Before(ends):
		v.UntilError = "This is before the time in “From”, so there is nothing between them."
	}
}

// picker is what a field for a time shows, and its type: a day stands with the bound of it that counts, and what is no time
// as it was typed, which a picker of times could not show.
func picker(typed, bound string, ok bool) (value, kind string) {
	if !ok {
		return typed, "text"
	}
	if len(typed) == len(time.DateOnly) {
		typed += bound
	}
	return typed, "datetime-local"
}

func momentError(typed string) string {
	return "“" + typed + "” is no time. Write 2026-01-31 or 2026-01-31T23:59."
}

// typedMoment reads when the day, minute or second that is written begins, and when the next one does. Nothing is no time at all.
func (k clock) typedMoment(text string) (begins, ends time.Time, ok bool) {
	if text == "" {
		return begins, ends, true
	}
	for _, m := range momentForms {
		if t, err := time.ParseInLocation(m.form, text, k.zone); err == nil {
			return t, m.lasts(t), true
		}
	}
	return begins, ends, false
}

// auditOptions offers the actions and outcomes that there are, and says so of one that there is not.
func auditOptions(v *templates.AuditList) {
	v.Actions = []templates.Option{{Label: "Any action", Selected: v.Action == ""}}
	for _, a := range audit.Actions() {
		v.Actions = append(v.Actions, templates.Option{Value: string(a), Label: string(a), Selected: v.Action == string(a)})
	}
	if v.Action != "" && !slices.Contains(audit.Actions(), audit.Action(v.Action)) {
		v.ActionError = "The log knows no action “" + v.Action + "”. Choose one of these."
	}
	v.Outcomes = []templates.Option{{Label: "Any outcome", Selected: v.Outcome == ""}}
	for _, o := range auditOutcomes {
		v.Outcomes = append(v.Outcomes, templates.Option{Value: o, Label: outcomeBadge(o).Word, Selected: v.Outcome == o})
	}
	if v.Outcome != "" && !slices.Contains(auditOutcomes, v.Outcome) {
		v.OutcomeError = "The log knows no outcome “" + v.Outcome + "”. Choose one of these."
	}
}
