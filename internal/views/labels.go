package views

import (
	"context"
	"database/sql"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/annotate"
	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/notebook"
	"cmpconsole/web/templates"
)

// offeredLabels is how many labels a field for one offers; any other can be typed.
const offeredLabels = 200

func labelHref(name string) string { return withQuery("/devices", "label", name) }

// showLabels shows the labels of a device with the form that changes them.
func (s *Server) showLabels(c *gin.Context) (response, error) {
	noteOf(c, c.Param("id"), "", "tab", "labels")
	if !cmp.ValidID(c.Param("id")) {
		return nil, errDeviceID
	}
	return s.labelsPage(c, http.StatusOK, ""), nil
}

func (s *Server) labelsPage(c *gin.Context, status int, wrong string) response {
	id := c.Param("id")
	head := s.bareHead(c, id, "")
	head.Labels.Typed, head.Labels.Error = c.PostForm("label"), wrong
	return page(status, s.deviceFrame(c, id, "Labels of "+id), templates.DeviceLabelsPage(head))
}

// changeLabels puts labels on a device (label, several with commas), or takes one from it (remove).
func (s *Server) changeLabels(c *gin.Context) (response, error) {
	id := c.Param("id")
	if err := s.known(c.Request.Context(), id); err != nil {
		return nil, err
	}
	add, remove := labelsIn(c.PostForm("label")), labelsIn(c.PostForm("remove"))
	if len(add)+len(remove) == 0 {
		return s.labelsPage(c, http.StatusUnprocessableEntity, "Write a label."), nil
	}
	if err := s.relabel(c, id, add, remove); err != nil {
		c.Set(keyCause, err)
		f := classify(err)
		return s.labelsPage(c, problems[f.Kind].status, f.Message), nil
	}
	return seeOther(deviceHref(id)), nil
}

// known tells a device that the CMP denies knowing from others. When it cannot be asked, what we note about a device is kept all the same.
func (s *Server) known(ctx context.Context, id string) error {
	if !cmp.ValidID(id) {
		return errDeviceID
	}
	if _, ok, err := s.Mirror.Device(ctx, id); ok && err == nil {
		return nil
	}
	_, err := s.CMP.Device(ctx, id)
	if isRefusedDevice(err) {
		return deviceFault(err)
	}
	return nil
}

// labelsIn reads labels that are typed with commas between them.
func labelsIn(text string) (names []string) {
	for name := range strings.SplitSeq(strings.ReplaceAll(pasted(text), "，", ","), ",") {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// relabel puts labels on a device and takes others from it, with its rows in the log. The context outlives the browser, so that the list takes over what is written.
func (s *Server) relabel(c *gin.Context, id string, add, remove []string) error {
	ctx, ids := context.WithoutCancel(c.Request.Context()), []string{id}
	err := s.Book.SetLabels(ctx, operator(c).Name, ids, add, remove, func(tx *sql.Tx, changed []notebook.Labelling) error {
		for _, l := range changed {
			if err := s.Audit.AppendAllTx(ctx, tx, annotate.LabelRows(l, operator(c).Entry(audit.DeviceLabel, audit.Event))); err != nil {
				return err
			}
		}
		return nil
	})
	if failed := s.Mirror.Relabel(ctx, ids); failed != nil { // the list finds it by them; the labels themselves are kept
		s.Logger.Error("labels not taken over by the mirror", "request_id", c.GetString(keyRequestID), "err", failed)
	}
	s.Live.Publish("device:" + id)
	return err
}

// deviceLabels are the labels of a device for its head, with the way to change them for those who may.
func (s *Server) deviceLabels(c *gin.Context, id string) templates.DeviceLabels {
	var v templates.DeviceLabels
	labels, err := s.Book.Labels(c.Request.Context(), []string{id})
	if err != nil {
		s.Logger.Error("labels not read", "request_id", c.GetString(keyRequestID), "err", err)
		v.Failed = true // the page about the device is better than none
		return v
	}
	v.List = labelLinks(labels[id])
	if who := operator(c); who.Can(auth.DevicesNote) {
		v.Post, v.CSRF = deviceHref(id)+"/labels", who.CSRF
		if v.Known, err = s.Book.LabelNames(c.Request.Context(), offeredLabels); err != nil {
			s.Logger.Error("labels not read", "request_id", c.GetString(keyRequestID), "err", err)
		}
	}
	return v
}

func labelLinks(names []string) (list []templates.Link) {
	for _, name := range names {
		list = append(list, templates.Link{Label: name, Href: labelHref(name)})
	}
	return list
}

// listLabels shows all labels with how many devices have them.
func (s *Server) listLabels(c *gin.Context) (response, error) {
	counts, err := s.Book.LabelCounts(c.Request.Context())
	if err != nil {
		return nil, err
	}
	view := templates.LabelList{Total: len(counts)}
	for _, l := range counts {
		view.Rows = append(view.Rows, templates.LabelRow{Name: l.Name, Devices: number(l.Devices), Href: labelHref(l.Name)})
	}
	return page(http.StatusOK, s.frame(c, "Labels", templates.Crumb{Label: "Devices", Href: "/devices"}, templates.Crumb{Label: "Labels"}), templates.LabelsPage(view)), nil
}
