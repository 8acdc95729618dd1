package views

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"
	"golang.org/x/sync/errgroup"

	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/ops"
	"cmpconsole/web/templates"
)

// showIMEI shows what a card is bound to, and its binding history. Not every card takes part.
func (s *Server) showIMEI(c *gin.Context) (response, error) {
	id := c.Param("id")
	noteOf(c, id, "", "tab", "imei")
	if !cmp.ValidID(id) {
		return nil, errDeviceID
	}
	var device cmp.Device
	var tracks []cmp.BindingTrack
	var refused error
	group, ctx := errgroup.WithContext(c.Request.Context())
	group.Go(func() (err error) { device, err = s.CMP.Device(ctx, id); return err })
	group.Go(func() (err error) {
		tracks, err = s.CMP.Bindings(ctx, id)
		if cmp.KindOf(err) == cmp.Rejected {
			refused, err = err, nil
		}
		return err
	})
	if err := group.Wait(); err != nil {
		return nil, deviceFault(err)
	}
	view := templates.Binding{Head: s.deviceHead(c, device, "IMEI"), Zone: "Times: " + zoneAssumed, Read: s.clock(c).read(s.Now())}
	view.Head.Watch = watch(c, deviceHref(id)+"/imei", headParts+" imei-now", "device:"+id)
	if view.Missing = notOffered(refused); view.Missing != nil {
		return page(http.StatusOK, s.deviceFrame(c, id, "IMEI of "+id), templates.BindingPage(view)), nil
	}
	ours, err := s.deeds(c.Request.Context(), id)
	if err != nil {
		return nil, err
	}
	s.clock(c).addTracks(&view, tracks, ours)
	if err := s.addBinding(c, id, &view); err != nil {
		return nil, err
	}
	return page(http.StatusOK, s.deviceFrame(c, id, "IMEI of "+id), templates.BindingPage(view)), nil
}

// addBinding shows what became of the newest change, and the one that is possible now.
func (s *Server) addBinding(c *gin.Context, id string, view *templates.Binding) error {
	latest, err := s.Actions.LatestIMEI(c.Request.Context(), id)
	if err != nil {
		return err
	}
	if latest != nil {
		view.Result = seen(s.result(c, *latest), *latest, nil)
	}
	if !s.offered("/devices/:id/imei/bind") {
		return nil
	}
	verb := ops.Bind
	if view.Bound != "" {
		verb = ops.Unbind
	}
	w := verbWords[verb]
	view.Do = &templates.Action{Icon: w.icon, Label: w.label, Why: w.what, Href: deviceHref(id) + "/imei/" + string(verb)}
	switch {
	case !operator(c).Can(auth.IMEIBind):
		view.Do.Href, view.Do.Why = "", "Your role does not allow this."
	case latest != nil && latest.InDoubt():
		view.Do.Href, view.Do.Why = "", "The outcome of the last change is not known yet."
	}
	return nil
}

// notOffered shows the CMP's refusal of a call that it does not offer for every card, nil when there is none. Of a CMP
// in trouble nothing is guessed.
func notOffered(refused error) *templates.Notice {
	e, ok := errors.AsType[*cmp.Error](refused)
	if !ok || e.Trouble() {
		return refusedNotice(refused)
	}
	return &templates.Notice{Tone: "warn", Title: "Not available for this card.", Text: "The CMP offers IMEI binding for some cards only. It says: " + said(refused)}
}

// trackWords are the CMP's steps in our words; what is not known here is shown as it came.
var trackWords = map[string]string{"机卡绑定": "Bound to an IMEI", "机卡解绑": "Unbound", "机卡解绑定": "Unbound", "自动绑定": "Bound at its first use"}

// addTracks fills in the history as the CMP has it, and who of us did it.
func (k clock) addTracks(view *templates.Binding, tracks []cmp.BindingTrack, ours []deed) {
	for _, t := range tracks {
		row := templates.BindingTrack{At: k.upstream(t.At), What: t.Text, IMEI: t.IMEI, Who: t.User}
		if word, ok := trackWords[t.Text]; ok {
			row.What, row.Original = word, t.Text
		}
		if d, ok := deedOf(t, ours); ok {
			row.Who, row.Href, row.Note = d.row.Actor, auditHref(d.row.Seq), d.note
		}
		view.Tracks = append(view.Tracks, row)
	}
	view.Bound = cmp.BoundIMEI(tracks)
}
