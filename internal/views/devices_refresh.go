package views

import (
	"net/url"
	"slices"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/fault"
	"cmpconsole/internal/ident"
	"cmpconsole/internal/mirror"
	"cmpconsole/web/templates"
	"cmpconsole/web/templates/ui"
)

// refreshDevice reads a device anew. Its own page does so whenever it is shown; from a list (back is its address, in the part of it that
// is meant) the device is read here, and the reader comes back to where they were.
func (s *Server) refreshDevice(c *gin.Context) (response, error) {
	id, back := c.Param("id"), c.PostForm("back")
	if !cmp.ValidID(id) {
		return nil, errDeviceID
	}
	if back == "" {
		s.recordRefresh(c, id, nil)
		return seeOther(deviceHref(id)), nil
	}
	_, err := s.CMP.Device(c.Request.Context(), id)
	if err != nil {
		err = deviceFault(err)
	}
	s.recordRefresh(c, id, err)
	in := c.PostForm("in")
	if isHTMX(c) {
		return s.renewed(c, id, in, localPath(back), err)
	}
	if err != nil && !isGone(err) {
		return nil, err
	}
	return seeOther(localPath(back) + "#" + anchorOf(id, in)), nil
}

// recordRefresh says that somebody had a device read anew, and what came of it. Reading goes on when it cannot be recorded.
func (s *Server) recordRefresh(c *gin.Context, id string, failed error) {
	e := operator(c).Entry(audit.DeviceRefresh, audit.Event)
	e.Device, e.Outcome = id, audit.OK
	if failed != nil {
		c.Set(keyCause, failed)
		e.Outcome, e.Detail = audit.Failed, []audit.Field{{Key: "why", Value: why(failed)}}
	}
	_ = s.record(c, e)
}

// anchorOf is the button of a device in a list, or in a part of the results of a search.
func anchorOf(id, in string) string {
	if in == "" {
		return ui.RowAnchor(id)
	}
	return in + "-" + id
}

// renewHref is where a list sends a device that is to be read anew.
func renewHref(id string) string { return deviceHref(id) + "/refresh" }

// renewed answers with the one row that the reader asked for, in place of the old one: what they ticked, read and scrolled to stays. A page
// that has no such row any more is shown anew.
func (s *Server) renewed(c *gin.Context, id, in, back string, failed error) (response, error) {
	at, err := url.Parse(back)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "The page to come back to has no address that can be read.")
	}
	d, known, err := s.Mirror.Device(c.Request.Context(), id)
	switch {
	case err != nil:
		return nil, err
	case !known && failed != nil:
		return nil, failed
	case known && at.Path == "/devices":
		return s.rowAnew(c, d, at.Query(), s.saidOf(c, d, failed))
	case known && at.Path == "/search":
		if anew := s.hitAnew(c, d, in, at.Query().Get("q"), s.saidOf(c, d, failed)); anew != nil {
			return anew, nil
		}
	}
	return seeOther(back), nil
}

// saidOf tells what reading a device anew has led to.
func (s *Server) saidOf(c *gin.Context, d mirror.Device, failed error) ui.Said {
	switch {
	case failed == nil:
		return ui.Said{Text: "Confirmed " + s.clock(c).at(d.Read).Text, Tone: "good"}
	case isGone(failed):
		return ui.Said{Text: "The CMP no longer knows it", Tone: "bad"}
	}
	t := trouble(c, failed)
	text := "Not refreshed. " + t.Title + "."
	if t.Said != "" {
		text += " Its words: " + t.Said
	}
	return ui.Said{Text: text, Tone: "bad"}
}

func (s *Server) rowAnew(c *gin.Context, d mirror.Device, values url.Values, said ui.Said) (response, error) {
	q := s.readQuery(c, values)
	columns, err := s.deviceColumns(c, q)
	if err != nil {
		return nil, err
	}
	row := s.clock(c).fleetRow(&d, columns)
	row.Said = said
	return inPlaceOf(`#main tr[data-id="`+d.ID+`"]`, part(templates.DeviceRow(tableColumns(columns, q)[1:], row))), nil
}

// hitAnew finds the device among the hits of the search, nil when it is not there any more.
func (s *Server) hitAnew(c *gin.Context, d mirror.Device, in, text string, said ui.Said) response {
	kind := slices.IndexFunc(hitGroups, func(g hitGroup) bool { return string(g.kind) == in })
	f := s.findHere(c.Request.Context(), ident.Read(pasted(text)), searchSize, false)
	i := slices.IndexFunc(f.devices, func(h mirror.Hit) bool { return h.Device.ID == d.ID && string(h.Kind) == in })
	if kind < 0 || i < 0 {
		return nil
	}
	hit := s.clock(c).deviceHit(f.devices[i], hitGroups[kind])
	hit.Said = said
	return inPlaceOf(`#results [aria-labelledby="hits-`+in+`"] li[data-id="`+d.ID+`"]`, part(templates.HitView(hit, true)))
}

// inPlaceOf puts an answer in the place of a part of the page, and leaves the rest of it alone.
func inPlaceOf(selector string, answer response) response {
	return func(c *gin.Context) {
		c.Header("HX-Retarget", selector)
		c.Header("HX-Reswap", "outerMorph show:none")
		answer(c)
	}
}
