package views

import (
	"cmp"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/ops"
	"cmpconsole/web/templates"
)

// newSMS shows the empty composer, with the devices of a link.
func (s *Server) newSMS(c *gin.Context) (response, error) {
	devices, err := s.selected(c)
	if err != nil {
		return nil, err
	}
	view, err := s.composer(c, cmp.Or(c.PostForm("devices"), devices), c.PostForm("content"), c.PostForm("type"))
	if err != nil {
		return nil, err
	}
	for _, t := range view.Templates {
		if t.Label == c.Query("template") {
			view.Content, view.TemplateName = t.Value, t.Label
		}
	}
	view.Count = smsCount(ops.Draft{Content: view.Content}.Measure(""))
	return page(http.StatusOK, smsFrame(s, c), templates.SMSComposer(view)), nil
}

func smsFrame(s *Server, c *gin.Context) templates.Page {
	return s.frame(c, "New SMS", templates.Crumb{Label: "SMS", Href: "/sms"}, templates.Crumb{Label: "New"})
}

// composer is the form with what was typed, and the templates that can be taken.
func (s *Server) composer(c *gin.Context, devices, content, kind string) (templates.SMSForm, error) {
	view := templates.SMSForm{
		CSRF: operator(c).CSRF, Devices: devices, Content: content,
		Types: []templates.Option{{Value: "1", Label: "Text", Selected: kind != "2"}, {Value: "2", Label: "Binary, in hexadecimal", Selected: kind == "2"}},
	}
	kept, err := s.Actions.Templates(c.Request.Context())
	for _, t := range kept {
		view.Templates = append(view.Templates, templates.Option{Value: t.Content, Label: t.Name, Selected: t.Name == c.Query("template")})
	}
	return view, err
}

// saveTemplate keeps the text of the composer under a name.
func (s *Server) saveTemplate(c *gin.Context) (response, error) {
	name := strings.TrimSpace(c.PostForm("name"))
	if err := s.Actions.SaveTemplate(c.Request.Context(), operator(c), name, strings.ReplaceAll(c.PostForm("content"), "\r\n", "\n")); err != nil {
		return nil, err
	}
	return seeOther(withQuery("/sms/new", "template", name, "devices", c.PostForm("devices"))), nil
}

// createSMS takes the composer's three posts: counting while one types, previewing, and sending what was previewed.
func (s *Server) createSMS(c *gin.Context) (response, error) {
	if batch := c.PostForm("batch"); batch != "" {
		if err := s.Actions.StartBatch(c.Request.Context(), operator(c), batch); err != nil {
			return nil, err
		}
		return seeOther(withQuery("/sms", "batch", batch)), nil
	}
	view, d, err := s.typedSMS(c)
	if err != nil {
		return nil, err
	}
	if c.Query("do") == "count" {
		view.DevicesError, view.ContentError = "", ""
		return page(http.StatusOK, smsFrame(s, c), templates.SMSComposer(view)), nil
	}
	if view.DevicesError+view.ContentError != "" {
		return page(http.StatusUnprocessableEntity, smsFrame(s, c), templates.SMSComposer(view)), nil
	}
	batch, err := s.Actions.PrepareSMS(c.Request.Context(), operator(c), d)
	if err != nil {
		return nil, err
	}
	view.Preview = smsPreview(view, d, batch)
	return page(http.StatusOK, smsFrame(s, c), templates.SMSComposer(view)), nil
}

// typedSMS is the composer with what was typed, what it takes, and what is wrong with it at its field.
func (s *Server) typedSMS(c *gin.Context) (view templates.SMSForm, d ops.Draft, err error) {
	kind := c.PostForm("type")
	d = ops.Draft{Content: strings.ReplaceAll(c.PostForm("content"), "\r\n", "\n"), Binary: kind == "2"}
	if view, err = s.composer(c, c.PostForm("devices"), d.Content, kind); err != nil {
		return view, d, err
	}
	d.Devices, view.DevicesError = devicesIn(view.Devices, ops.MaxSMSDevices)
	if d.Binary {
		if d.Content, view.ContentError = hexContent(d.Content); view.ContentError != "" {
			view.Count.Text = view.ContentError
			return view, d, nil
		}
	}
	view.Count = smsCount(d.Measure(firstOf(d.Devices)))
	if n := d.Longest(); n > ops.MaxSegments {
		view.ContentError = ops.TooLong(n)
		view.Count.Text = view.ContentError
	} else if strings.TrimSpace(d.Content) == "" {
		view.ContentError = "Write what is to be sent."
	}
	return view, d, nil
}

// From so many SMS on, a preview warns of what is sent and paid for.
const (
	manyParts = 5
	manySMS   = 100
)

func smsPreview(view templates.SMSForm, d ops.Draft, batch string) *templates.SMSPreview {
	p := &templates.SMSPreview{Batch: batch, CSRF: view.CSRF, Count: view.Count, Content: d.For(firstOf(d.Devices)), Type: "Text", BackHref: withQuery("/sms/new", "devices", strings.Join(d.Devices, " "))}
	if d.Binary {
		p.Type = "Binary"
	}
	total := 0
	for _, id := range d.Devices {
		total += d.Measure(id).Segments
		p.Devices = append(p.Devices, templates.Link{Label: id, Href: deviceHref(id)})
	}
	p.Total = plural(len(d.Devices), "device") + ", " + number(total) + " SMS in all"
	if doubled := doubledIn(view.Devices); len(doubled) > 0 {
		p.Warnings = append(p.Warnings, templates.Notice{Tone: "warn", Title: "Pasted more than once and taken once:", Text: strings.Join(doubled, ", ") + "."})
	}
	if n := d.Longest(); n >= manyParts || total >= manySMS {
		p.Warnings = append(p.Warnings, templates.Notice{Tone: "warn", Title: "This is much.", Text: "Up to " + number(n) + " SMS a device, " + number(total) + " in all, each of which is paid for. Shorten the text, or be sure that it is worth it."})
	}
	if words := d.NoFields(); len(words) > 0 {
		p.Warnings = append(p.Warnings, templates.Notice{Tone: "warn", Title: "Not filled:", Text: strings.Join(words, ", ") + ". What stands in braces is sent as it is, but for {device_id} and {last4}."})
	}
	return p
}

// firstOf is the device whose text is shown: those of the others differ in their fields only.
func firstOf(devices []string) string {
	if len(devices) == 0 {
		return ""
	}
	return devices[0]
}
