package views

import (
	"errors"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/fault"
	"cmpconsole/internal/ops"
	"cmpconsole/web/templates"
	"cmpconsole/web/templates/ui"
)

func doubtHref(a ops.Action) string { return "/doubts/" + a.ID }

// showDoubt shows an action whose answer was lost, after one more look at what it was about.
func (s *Server) showDoubt(c *gin.Context) (response, error) {
	return s.doubtPage(c, http.StatusOK, nil, templates.DoubtForm{})
}

// settleDoubt records what a person says of a change that reads could not settle.
func (s *Server) settleDoubt(c *gin.Context) (response, error) {
	said := ops.Settlement{ActionID: c.Param("id"), Verdict: ops.State(c.PostForm("verdict")), Reason: strings.TrimSpace(c.PostForm("reason"))}
	a, err := s.Actions.Settle(c.Request.Context(), operator(c), said)
	if err == nil {
		return seeOther(doubtHref(a)), nil
	}
	f := classify(err)
	if f.Kind == fault.NotFound || f.Kind == fault.Forbidden {
		return nil, err
	}
	c.Set(keyCause, err)
	form := templates.DoubtForm{Verdicts: verdicts(said.Verdict), Reason: said.Reason}
	if e, ok := errors.AsType[*ops.SettlementError](err); ok {
		form.VerdictError, form.ReasonError = e.Verdict, e.Reason
		return s.doubtPage(c, problems[f.Kind].status, nil, form)
	}
	return s.doubtPage(c, problems[f.Kind].status, &templates.Notice{Tone: "bad", Title: "Nothing was settled.", Text: f.Message}, form)
}

func (s *Server) doubtPage(c *gin.Context, status int, failed *templates.Notice, form templates.DoubtForm) (response, error) {
	a, seen, err := s.Actions.Doubt(c.Request.Context(), c.Param("id"))
	if err != nil {
		return nil, err
	}
	noteOf(c, a.DeviceID, a.OrderID, "action_id", a.ID)
	k, w := s.clock(c), verbWords[a.Verb]
	view := templates.Doubt{Title: "Outcome of: " + w.title, OrderID: a.OrderID, OrderHref: orderHref(a.OrderID), DeviceID: a.DeviceID, DeviceHref: deviceHref(a.DeviceID),
		Result: *s.result(c, a), Known: k.doubtFacts(a, seen), Error: failed}
	view.Result.SettleHref = ""
	if view.Result.LookHref != "" {
		view.Result.LookHref = doubtHref(a)
	}
	switch {
	case !a.InDoubt():
	case a.Task.IsZero():
		view.Waiting = &templates.Notice{Title: "Nobody has to do anything yet.", Text: "The console reads what became of this by itself. It asks a person when reads have not settled it within a day, or cannot."}
	default:
		form.Post, form.CSRF, form.AskedAt = doubtHref(a), operator(c).CSRF, k.at(a.Task)
		if form.Verdicts == nil {
			form.Verdicts = verdicts("")
		}
		view.Form, view.Result.LookHref = &form, "" // the page has just looked
	}
	return page(status, s.frame(c, view.Title, templates.Crumb{Label: "Home", Href: "/"}, templates.Crumb{Label: "Outcome unknown"}), templates.DoubtPage(view)), nil
}

var verdictWords = map[ops.State]string{
	ops.EffectPresent: "It took effect", ops.EffectAbsent: "It did not take effect", ops.Undetermined: "It cannot be told any more",
}

func verdicts(chosen ops.State) []templates.Option {
	options := []templates.Option{{Label: "Choose…", Selected: chosen == ""}}
	for _, v := range ops.Verdicts() {
		options = append(options, templates.Option{Value: string(v), Label: verdictWords[v], Selected: v == chosen})
	}
	return options
}

// doubtFacts are what a person decides by: before, wanted, now, and how often the console has looked.
func (k clock) doubtFacts(a ops.Action, seen string) []templates.Fact {
	_, wanted := about(a)
	sent := k.at(a.Dispatched)
	facts := []templates.Fact{{Name: "Sent", At: &sent}, {Name: "Before", Value: stateText(a, a.Before)}, {Name: "Wanted", Value: wanted}}
	switch {
	case seen != "":
		facts = append(facts, templates.Fact{Name: "Now", Value: stateText(a, seen), Note: "read just now"})
	case a.Read != "" || !a.ReadAt.IsZero():
		facts = append(facts, templates.Fact{Name: "Last read", Value: stateText(a, a.Read), Note: k.at(a.ReadAt).Text})
	default:
		facts = append(facts, templates.Fact{Name: "Now", Value: "could not be read"})
	}
	if !a.Expires.IsZero() {
		ends := k.at(a.Expires)
		facts = append(facts, templates.Fact{Name: "Would end by itself", At: &ends})
	}
	facts = append(facts, templates.Fact{Name: "Looks of the console", Value: number(a.Looks)})
	if !a.Task.IsZero() {
		task := k.at(a.Task)
		facts = append(facts, templates.Fact{Name: "Handed to a person", At: &task})
	}
	return facts
}

// taskBadge is the outcome of an action that waits for a person.
func taskBadge(a ops.Action) ui.Badge {
	b := outcomeBadge(a.Outcome())
	if a.InDoubt() && !a.Task.IsZero() {
		b.Word = "Outcome unknown: a person has to settle it"
	}
	return b
}

// settleHref is where an action in doubt is settled, for those who may; empty for others, and while reads go on.
func settleHref(who auth.Identity, a ops.Action) string {
	if a.Outcome() != audit.Unknown || a.Task.IsZero() || !a.InDoubt() || !who.Can(auth.DoubtsSettle) {
		return ""
	}
	return doubtHref(a)
}
