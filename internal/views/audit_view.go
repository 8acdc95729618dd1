package views

import (
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/web/templates"
)

func (k clock) auditDetail(r audit.Row, related []audit.Row) templates.AuditDetail {
	at := k.stamp(r.Time)
	v := templates.AuditDetail{Seq: strconv.FormatInt(r.Seq, 10), Action: string(r.Action), Phase: string(r.Phase), Outcome: auditOutcome(r.Entry), At: at}
	v.Facts = append(v.Facts, templates.Fact{Name: "Time", At: &at})
	add := func(facts *[]templates.Fact, f templates.Fact) {
		if f.Value != "" {
			*facts = append(*facts, f)
		}
	}
	add(&v.Facts, templates.Fact{Name: "Who", Value: r.Actor, Note: r.Roles})
	add(&v.Facts, templates.Fact{Name: "Device", Value: r.Device, ID: true, Href: linkTo(deviceHref, r.Device)})
	add(&v.Facts, templates.Fact{Name: "Order", Value: r.Order, ID: true, Href: linkTo(orderHref, r.Order)})
	add(&v.Facts, templates.Fact{Name: "Reason", Value: r.Reason})
	add(&v.Facts, templates.Fact{Name: "The CMP said", Value: r.UpstreamMessage, Note: r.UpstreamCode})
	if r.LatencyMS > 0 {
		add(&v.Facts, templates.Fact{Name: "Took", Value: number(int(r.LatencyMS)) + " ms"})
	}
	if r.Of > 0 {
		add(&v.Facts, templates.Fact{Name: "Intent", Value: "Row " + strconv.FormatInt(r.Of, 10), Href: auditHref(r.Of)})
	}
	add(&v.Facts, templates.Fact{Name: "Request", Value: r.RequestID, ID: true})
	add(&v.Facts, templates.Fact{Name: "From", Value: r.IP})
	add(&v.Facts, templates.Fact{Name: "Session", Value: r.Session})
	k.auditStates(r, &v)
	v.Chain = []templates.Fact{{Name: "Hash", Value: hex.EncodeToString(r.Hash), ID: true}, {Name: "Previous", Value: hex.EncodeToString(r.PrevHash), ID: true}}
	for _, other := range related {
		v.Related = append(v.Related, k.auditRow(other))
	}
	return v
}

// auditStates puts what was before beside what was asked for, or what was read afterwards: a wish is no result.
// The other details go below.
func (k clock) auditStates(r audit.Row, v *templates.AuditDetail) {
	for _, d := range r.Detail {
		switch d.Key {
		case "before_status", "bound_before":
			v.Before = append(v.Before, stateFact(r, d.Value))
		case "wanted_status", "bound_wanted":
			v.After, v.AfterTitle = append(v.After, stateFact(r, d.Value)), "Asked for"
		case "status_read":
			v.After, v.AfterTitle = append(v.After, stateFact(r, d.Value)), "After, as it was read"
		case "batch":
			v.Facts = append(v.Facts, templates.Fact{Name: "Ordered together", Value: d.Value, Href: "/orders/batches/" + d.Value})
		case "why":
			v.Facts = append(v.Facts, templates.Fact{Name: "Why", Value: d.Value})
		default:
			v.Detail = append(v.Detail, templates.Fact{Name: d.Key, Value: d.Value})
		}
	}
}

// stateFact words a state of what the row is about: a card's IMEI, an order's status, or what speaks for itself.
func stateFact(r audit.Row, state string) templates.Fact {
	fact := templates.Fact{Name: "State", Value: state}
	if w, ok := statusWords[cmp.OrderStatus(state)]; ok {
		fact = templates.Fact{Name: "Status", Value: w.word}
	}
	if strings.HasPrefix(string(r.Action), "imei.") {
		fact = templates.Fact{Name: "IMEI", Value: state, ID: true}
	}
	if state == "" {
		fact.Value, fact.ID = "none", false
	}
	return fact
}

func linkTo(href func(string) string, id string) string {
	if id == "" {
		return ""
	}
	return href(id)
}

// activity is what the log tells of a device or an order: changes and their outcomes, not who looked at it.
// Everyone who may see the thing may see what was done to it; only the rows' details need the right to the log.
func (s *Server) activity(c *gin.Context, f audit.Filter) ([]templates.ActivityRow, error) {
	f.Changes = true
	if f.Limit == 0 {
		f.Limit = 10
	}
	rows, err := s.Audit.List(c.Request.Context(), f)
	if err != nil {
		return nil, err
	}
	settled, err := s.Audit.Settlements(c.Request.Context(), doubtful(rows))
	if err != nil {
		return nil, err
	}
	k, who := s.clock(c), operator(c)
	var list []templates.ActivityRow
	for _, r := range rows {
		row := templates.ActivityRow{Seq: r.Seq, At: k.at(r.Time), Who: r.Actor, What: actionWord(r.Action), Reason: r.Reason, OrderID: r.Order, OrderHref: linkTo(orderHref, r.Order), Outcome: outcomeBadge(r.Outcome)}
		if verdict, ok := settled[r.Of]; ok && r.Phase == audit.PhaseOutcome {
			row.Outcome = settledBadge(verdict)
		}
		if r.Actor == who.Name || who.Can(auth.AuditRead) {
			row.Href = auditHref(r.Seq)
		}
		list = append(list, row)
	}
	return list, nil
}

// doubtful are the intents whose answers were lost.
func doubtful(rows []audit.Row) (intents []int64) {
	for _, r := range rows {
		if r.Phase == audit.PhaseOutcome && r.Outcome == audit.Unknown {
			intents = append(intents, r.Of)
		}
	}
	return intents
}
