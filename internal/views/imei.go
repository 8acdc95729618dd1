package views

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"
	"golang.org/x/sync/errgroup"

	"cmpconsole/internal/cmp"
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
		return nil, err
	}
	view := templates.Binding{Head: s.deviceHead(c, device, "IMEI"), Read: s.clock(c).read(s.Now())}
	if refused != nil {
		view.Missing = notOffered(refused)
	}
	s.clock(c).addTracks(&view, tracks)
	return page(http.StatusOK, s.deviceFrame(c, id, "IMEI of "+id), templates.BindingPage(view)), nil
}

// notOffered shows the CMP's refusal of a call that it does not offer for every card.
func notOffered(refused error) *templates.Notice {
	return &templates.Notice{Tone: "warn", Title: "Not available for this card.", Text: "The CMP offers IMEI binding for some cards only. It says: " + said(refused)}
}

// trackWords are the CMP's steps in our words; what is not known here is shown as it came.
var trackWords = map[string]string{"机卡绑定": "Bound to an IMEI", "机卡解绑": "Unbound", "机卡解绑定": "Unbound", "自动绑定": "Bound at its first use"}

// addTracks fills in the history, newest first, and reads from it what the card is bound to now.
func (k clock) addTracks(view *templates.Binding, tracks []cmp.BindingTrack) {
	newest := -1
	for i, t := range tracks {
		row := templates.BindingTrack{At: k.upstream(t.At), What: t.Text, IMEI: t.IMEI, Who: t.User}
		if word, ok := trackWords[t.Text]; ok {
			row.What, row.Original = word, t.Text
		}
		view.Tracks = append(view.Tracks, row)
		if newest < 0 || t.At.At.After(tracks[newest].At.At) {
			newest = i
		}
	}
	if newest >= 0 && trackWords[tracks[newest].Text] != "Unbound" {
		view.Bound = tracks[newest].IMEI
	}
}

// said repeats what the CMP gave as its reason.
func said(err error) string {
	e, ok := errors.AsType[*cmp.Error](err)
	if !ok {
		return "nothing."
	}
	return "“" + e.Message + "” (" + e.Code + ")."
}
