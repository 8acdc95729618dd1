package views

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/cmp"
	"cmpconsole/internal/fault"
	"cmpconsole/internal/ops"
	"cmpconsole/web/templates"
	"cmpconsole/web/templates/ui"
)

// bindingForm is what the form of an IMEI page sends.
func bindingForm(c *gin.Context) ops.Form {
	f := actionForm(c)
	f.OrderID, f.DeviceID = "", c.Param("id")
	f.Wants = compact(c.PostForm("imei"))
	f.OTA, f.AutoBind, f.AnyCheckDigit = c.PostForm("ota") == "1", c.PostForm("auto_bind") == "1", c.PostForm("any_check_digit") == "1"
	return f
}

// newBinding shows the preflight of binding or unbinding: card and binding are read, and the form prepared.
func (s *Server) newBinding(c *gin.Context) (response, error) {
	form := bindingForm(c)
	noteOf(c, form.DeviceID, "", "before", string(form.Verb))
	return s.bindingPage(c, form, nil)
}

// createBinding does the prepared change and shows the card with its outcome.
func (s *Server) createBinding(c *gin.Context) (response, error) {
	form := bindingForm(c)
	if !cmp.ValidID(form.DeviceID) {
		return nil, errDeviceID
	}
	a, err := s.Actions.Do(c.Request.Context(), operator(c), form)
	if err != nil {
		return s.bindingPage(c, form, err)
	}
	return seeOther(subjectHref(a)), nil
}

// bindingPage is the page before a change of the binding. failed is why the last try was not sent.
func (s *Server) bindingPage(c *gin.Context, form ops.Form, failed error) (response, error) {
	if !cmp.ValidID(form.DeviceID) {
		return nil, errDeviceID
	}
	if failed != nil && classify(failed).Kind == fault.Forbidden {
		return nil, failed
	}
	p, err := s.Actions.PreflightIMEI(c.Request.Context(), operator(c), form.DeviceID, form.Verb)
	w := verbWords[form.Verb]
	frame := s.frame(c, w.title, templates.Crumb{Label: "Devices", Href: "/devices"}, templates.Crumb{Label: form.DeviceID, Href: deviceHref(form.DeviceID) + "/imei", ID: true}, templates.Crumb{Label: w.label})
	switch {
	case cmp.KindOf(err) == cmp.Rejected && !isRefusedDevice(err):
		view := templates.Preflight{Verb: string(form.Verb), Title: w.title, DeviceID: form.DeviceID, DeviceHref: deviceHref(form.DeviceID), Refused: notOffered(err)}
		return page(http.StatusConflict, frame, templates.PreflightPage(view)), nil
	case err != nil:
		return nil, errors.Join(deviceFault(err), failed)
	}
	status, view := http.StatusOK, s.bindingView(c, p, form)
	if failed != nil {
		status = problems[classify(failed).Kind].status
		s.showBindingFailure(c, &view, failed)
	} else if p.Refused != "" {
		status = http.StatusConflict
	}
	return page(status, frame, templates.PreflightPage(view)), nil
}

func (s *Server) bindingView(c *gin.Context, p ops.IMEIPreflight, form ops.Form) templates.Preflight {
	w, back := verbWords[p.Rule.Verb], deviceHref(p.Device.ID)+"/imei"
	view := templates.Preflight{
		Verb: string(p.Rule.Verb), Title: w.title, DeviceID: p.Device.ID, DeviceHref: deviceHref(p.Device.ID), Now: bindingBadge(p.Bound), After: bindingBadge(""),
		NowText: p.Bound, AfterText: w.what, Read: s.clock(c).read(s.Now()),
	}
	if p.Rule.Verb == ops.Bind {
		view.After = ui.Badge{Icon: "tag", Word: "Bound", Tone: "info"}
	}
	if p.Refused != "" {
		view.Refused = &templates.Notice{Tone: "warn", Title: "This cannot be done now.", Text: p.Refused + typed(form), Href: back, Link: "Back to the card"}
		return view
	}
	if p.Rule.Final {
		view.Final = &templates.Notice{Tone: "warn", Title: "Look twice.", Text: "Without its binding the card works in any hardware, a thief's included."}
	}
	view.Form = &templates.ActionForm{
		Post: back + "/" + view.Verb, CSRF: operator(c).CSRF, ActionID: p.ID, Reason: form.Reason, AskConfirm: p.Rule.Final, Confirm: form.Confirm,
		LastDigits: ops.LastFour(p.Device.ID), Button: w.button, Icon: w.icon, Keep: "Keep it as it is", KeepHref: back, Danger: p.Rule.Final,
		IMEI: &templates.IMEIFields{Value: form.Wants, OTA: yesOrNo(p.Device.OTA.Yes(), "Yes", "No"), Auto: yesOrNo(form.AutoBind, "At its first use of the network", "Now")},
	}
	if p.Rule.Verb == ops.Unbind {
		view.Form.IMEI.Value, view.Form.IMEI.Fixed = p.Bound, true
	}
	return view
}

func bindingBadge(imei string) ui.Badge {
	if imei == "" {
		return ui.Badge{Icon: "circle-dashed", Word: "Not bound"}
	}
	return ui.Badge{Icon: "tag", Word: "Bound", Tone: "info"}
}

// yesOrNo are the two choices of a flag, the likelier one first chosen.
func yesOrNo(yes bool, yesLabel, noLabel string) []templates.Option {
	return []templates.Option{{Value: "2", Label: noLabel, Selected: !yes}, {Value: "1", Label: yesLabel, Selected: yes}}
}

// showBindingFailure puts the reason at the field it belongs to, or above the form.
func (s *Server) showBindingFailure(c *gin.Context, view *templates.Preflight, failed error) {
	if e, ok := errors.AsType[*ops.FormError](failed); ok && view.Form != nil && e.Wants != "" {
		view.Form.IMEI.Error, view.Form.IMEI.AskAll = e.Wants, e.CheckDigit
	}
	s.showFailure(c, view, failed)
}
