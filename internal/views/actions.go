package views

import (
	"errors"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/cmp"
	"cmpconsole/internal/fault"
	"cmpconsole/internal/ops"
	"cmpconsole/web/templates"
)

// actionForm is what the one form of an action page sends.
func actionForm(c *gin.Context) ops.Form {
	return ops.Form{OrderID: c.Param("id"), Verb: actionVerb(c), ActionID: c.PostForm("action"), Reason: strings.TrimSpace(c.PostForm("reason")),
		Confirm: strings.TrimSpace(c.PostForm("confirm")), DeviceType: c.PostForm("device_type")}
}

// actionVerb is the last part of the address: /orders/:id/pause.
func actionVerb(c *gin.Context) ops.Verb {
	path := c.FullPath()
	return ops.Verb(path[strings.LastIndexByte(path, '/')+1:])
}

// newAction shows the preflight of an action: the order is re-read, and the form prepared. That is a look at the
// order, and recorded as one.
func (s *Server) newAction(c *gin.Context) (response, error) {
	form := actionForm(c)
	noteOf(c, "", form.OrderID, "before", string(form.Verb))
	return s.preflight(c, form, nil)
}

// createAction does the prepared action and shows the order with its outcome.
func (s *Server) createAction(c *gin.Context) (response, error) {
	form := actionForm(c)
	if !cmp.ValidOrderID(form.OrderID) {
		return nil, errOrderID
	}
	a, err := s.Actions.Do(c.Request.Context(), operator(c), form)
	if err != nil {
		return s.preflight(c, form, err)
	}
	return seeOther(orderHref(a.OrderID)), nil
}

// preflight shows the page before an action. failed is why the last try was not sent; what was typed is kept.
func (s *Server) preflight(c *gin.Context, form ops.Form, failed error) (response, error) {
	if !cmp.ValidOrderID(form.OrderID) {
		return nil, errOrderID
	}
	if failed != nil && classify(failed).Kind == fault.Forbidden {
		return nil, failed
	}
	p, err := s.Actions.Preflight(c.Request.Context(), operator(c), form.OrderID, form.Verb)
	if err != nil {
		return s.preflightLost(c, form, failed, err)
	}
	noteOf(c, p.Order.DeviceID, p.Order.ID, "before", string(form.Verb))
	status, view := http.StatusOK, s.preflightView(c, p, form)
	if failed != nil {
		status = problems[classify(failed).Kind].status
		s.showFailure(c, &view, failed)
	} else if p.Refused != "" {
		status = http.StatusConflict
	}
	return page(status, s.orderFrame(c, p.Order, view.Title), templates.PreflightPage(view)), nil
}

// preflightLost answers when even the preflight cannot be built: the order cannot be read. The form is
// shown all the same, with what was typed, and without a way to send it.
func (s *Server) preflightLost(c *gin.Context, form ops.Form, failed, readErr error) (response, error) {
	if failed == nil && form.Reason == "" {
		return nil, readErr
	}
	c.Set(keyCause, errors.Join(failed, readErr))
	f, w := classify(readErr), verbWords[form.Verb]
	view := templates.Preflight{Verb: string(form.Verb), Title: w.title, OrderID: form.OrderID, OrderHref: orderHref(form.OrderID), Status: statusBadge(""),
		Error: &templates.Notice{Tone: "bad", Title: "Nothing was sent. " + problems[f.Kind].title + ".", Text: f.Message},
		Form:  s.lostForm(c, form)}
	return page(problems[f.Kind].status, s.orderFrame(c, cmp.Order{ID: form.OrderID}, w.title), templates.PreflightPage(view)), nil
}

// lostForm keeps what was typed. It carries no action, so posting it reads the order again and sends nothing.
func (s *Server) lostForm(c *gin.Context, form ops.Form) *templates.ActionForm {
	rule, _ := ops.RuleOf(form.Verb)
	return &templates.ActionForm{Post: orderHref(form.OrderID) + "/" + string(form.Verb), CSRF: operator(c).CSRF, Reason: form.Reason, AskConfirm: rule.Final,
		Confirm: form.Confirm, Button: "Read the order again", Icon: "refresh-cw", Keep: "Back", KeepHref: orderHref(form.OrderID)}
}

// showFailure puts the reason at the field it belongs to, or above the form.
func (s *Server) showFailure(c *gin.Context, view *templates.Preflight, failed error) {
	c.Set(keyCause, failed)
	if e, ok := errors.AsType[*ops.FormError](failed); ok && view.Form != nil {
		view.Form.ReasonError, view.Form.ConfirmError = e.Reason, e.Confirm
		if e.DeviceType == "" {
			return
		}
	}
	f := classify(failed)
	view.Error = &templates.Notice{Tone: "warn", Title: problems[f.Kind].title + ".", Text: f.Message}
}

func (s *Server) preflightView(c *gin.Context, p ops.Preflight, form ops.Form) templates.Preflight {
	k, w, o := s.clock(c), verbWords[p.Rule.Verb], p.Order
	view := templates.Preflight{
		Verb: string(p.Rule.Verb), Title: w.title, OrderID: o.ID, OrderHref: orderHref(o.ID), DeviceID: o.DeviceID, DeviceHref: deviceHref(o.DeviceID),
		Status: statusBadge(o.Status), Read: k.read(p.ReadAt), Checks: s.checks(c, p),
	}
	if p.Refused != "" {
		view.Refused = &templates.Notice{Tone: "warn", Title: "This cannot be done now.", Text: p.Refused + typed(form), Href: view.OrderHref, Link: "Back to the order"}
		return view
	}
	view.Now, view.After, view.NowText, view.AfterText = view.Status, statusBadge(p.Rule.To), o.PackageName, k.afterText(p.Rule.Verb, o)
	if p.Rule.Final {
		view.Final = k.finalNotice(p.Rule.Verb, o)
	}
	view.Form = &templates.ActionForm{
		Post: view.OrderHref + "/" + view.Verb, CSRF: operator(c).CSRF, ActionID: p.ID, Reason: form.Reason, AskConfirm: p.Rule.Final, Confirm: form.Confirm,
		LastDigits: ops.LastFour(o.DeviceID), Button: w.button, Icon: w.icon, Keep: "Keep it as it is", KeepHref: view.OrderHref, Danger: p.Rule.Final,
	}
	if p.Rule.Verb == ops.End {
		view.Form.DeviceTypes = deviceTypes(form.DeviceType)
	}
	return view
}

// typed repeats the reason where there is no form to keep it in, so that it can be copied from the page.
func typed(form ops.Form) string {
	if form.Reason == "" {
		return ""
	}
	return " You typed: “" + form.Reason + "”"
}

// checks tells what was looked at before the form was offered.
func (s *Server) checks(c *gin.Context, p ops.Preflight) []templates.Check {
	k, w, who := s.clock(c), verbWords[p.Rule.Verb], operator(c)
	state := func(ok bool) string {
		if ok {
			return "yes"
		}
		return "no"
	}
	waiting := "No other change of this order waits for its outcome"
	if p.Open != nil {
		waiting = "Another change of this order waits for its outcome: " + strings.ToLower(verbWords[p.Open.Verb].label)
	}
	needed := strings.ToLower(statusWords[p.Rule.From].word)
	checks := []templates.Check{
		{State: state(p.Order.Status == p.Rule.From), Text: "The order is " + strings.ToLower(statusBadge(p.Order.Status).Word) + "; to " + strings.ToLower(w.label) + " it must be " + needed, Note: k.read(p.ReadAt).Text},
		{State: state(p.Open == nil), Text: waiting},
		{State: state(who.Can(p.Rule.Permission)), Text: "Your role allows it", Note: roleTitles(who.Identity)},
	}
	if p.Rule.Verb == ops.Open && p.Order.Status == p.Rule.From {
		checks = append(checks, templates.Check{State: "hmm", Text: "The CMP decides whether another package is in use, and whether an OTA order may be opened"})
	}
	return checks
}

// afterText says what the order is like once the action has taken effect.
func (k clock) afterText(v ops.Verb, o cmp.Order) string {
	switch v {
	case ops.Pause:
		if when := k.upstream(o.Expire).Text; when != "" {
			return "no service until restarted; still ends " + when
		}
		return "no service until restarted"
	case ops.Restart:
		return "service comes back"
	case ops.Open:
		return "the period begins now"
	case ops.Cancel:
		return "nothing is left of it"
	case ops.End:
		return "service stops for good"
	}
	return ""
}

func (k clock) finalNotice(v ops.Verb, o cmp.Order) *templates.Notice {
	n := &templates.Notice{Tone: "warn", Title: "This is final.", Text: "A cancelled order cannot be opened again; a new one must be bought."}
	if v == ops.End {
		n.Text = "What is left of the package is lost, and the order cannot be opened again. To stop service for a while, pause it instead."
		if p := k.currentPackage(o); p.Left != "" {
			n.Text = "What remains (" + p.Left + ") is lost, and the order cannot be opened again. To stop service for a while, pause it instead."
		}
		n.Href, n.Link = orderHref(o.ID)+"/pause", "Pause it"
	}
	return n
}

// deviceTypes are the kinds that ending early may name (API document, "End package orders early", device_type).
func deviceTypes(selected string) []templates.Option {
	options := []templates.Option{{Value: "", Label: "Not stated"}}
	for i, label := range []string{"MiFi", "Module", "Tour card", "IoT card", "SoC"} {
		options = append(options, templates.Option{Value: string(rune('1' + i)), Label: label})
	}
	for i := range options {
		options[i].Selected = options[i].Value == selected
	}
	return options
}
