package views

import (
	"cmp"
	"encoding/hex"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/ops"
	"cmpconsole/web/templates"
)

// newSMS shows the empty composer, with the devices of a link.
func (s *Server) newSMS(c *gin.Context) (response, error) {
	view, err := s.composer(c, cmp.Or(c.PostForm("devices"), c.Query("devices")), c.PostForm("content"), c.PostForm("type"))
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
		if _, err := s.Actions.SendBatch(c.Request.Context(), operator(c), batch); err != nil {
			return nil, err
		}
		return seeOther(withQuery("/sms", "batch", batch)), nil
	}
	kind := c.PostForm("type")
	d := ops.Draft{Content: strings.ReplaceAll(c.PostForm("content"), "\r\n", "\n"), Binary: kind == "2"}
	view, err := s.composer(c, c.PostForm("devices"), d.Content, kind)
	if err != nil {
		return nil, err
	}
	var wrong string
	d.Devices, view.DevicesError = devicesIn(view.Devices, ops.MaxSMSDevices)
	if d.Binary {
		d.Content, wrong = hexContent(d.Content)
	}
	view.Count = smsCount(d.Measure(firstOf(d.Devices)))
	if c.Query("do") == "count" {
		view.DevicesError = ""
		return page(http.StatusOK, smsFrame(s, c), templates.SMSComposer(view)), nil
	}
	if view.ContentError = wrong; strings.TrimSpace(d.Content) == "" && wrong == "" {
		view.ContentError = "Write what is to be sent."
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
	return p
}

// firstOf is the device whose text is shown: those of the others differ in their fields only.
func firstOf(devices []string) string {
	if len(devices) == 0 {
		return ""
	}
	return devices[0]
}

// hexContent takes spaces out of bytes in hexadecimal and says what is wrong with them.
func hexContent(text string) (digits, wrong string) {
	digits = strings.Join(strings.Fields(text), "")
	if _, err := hex.DecodeString(digits); err != nil {
		return digits, "Write bytes as pairs of hexadecimal digits, such as 00 1F A0."
	}
	return strings.ToUpper(digits), ""
}

// smsCount words what a message takes.
func smsCount(m ops.Measure) templates.SMSCount {
	unit := map[ops.Encoding]string{ops.GSM7: "character", ops.UCS2: "character", ops.Binary: "byte"}[m.Encoding]
	n := templates.SMSCount{Segments: m.Segments, Text: plural(m.Segments, "SMS") + " a device, " + string(m.Encoding) + ": " + plural(m.Units, unit) + ", " + number(m.Left) + " left in the last one"}
	if m.Segments == 0 {
		n.Text = "Nothing written yet."
	}
	if m.Forcing != "" {
		n.Forcing = "Sent as UCS-2, where an SMS holds 70 characters in place of 160, because of: " + strings.Join(strings.Split(m.Forcing, ""), " ")
		for _, r := range m.Runs {
			n.Runs = append(n.Runs, templates.SMSRun{Text: r.Text, Forces: r.Forces})
		}
	}
	return n
}
