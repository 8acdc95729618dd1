package views

import (
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/cmp"
	"cmpconsole/web/templates"
)

// showLive shows the data session of a device. The CMP knows sessions by IMSI, which a device has one or more of.
func (s *Server) showLive(c *gin.Context) (response, error) {
	id := c.Param("id")
	noteOf(c, id, "", "tab", "session")
	if !cmp.ValidID(id) {
		return nil, errDeviceID
	}
	device, err := s.CMP.Device(c.Request.Context(), id)
	if err != nil {
		return nil, deviceFault(err)
	}
	imsis := imsisOf(device)
	view := templates.Live{Head: s.deviceHead(c, device, "Session"), Zone: "Times: " + zoneAssumed, Read: s.clock(c).read(s.Now())}
	if len(imsis) == 0 {
		view.None = &templates.Notice{Tone: "warn", Title: "No session can be asked for.", Text: "The CMP gives the IMSI of a device with its order, and this one has none in use or suspended."}
		return page(http.StatusOK, s.deviceFrame(c, id, "Session of "+id), templates.LivePage(view)), nil
	}
	view.Head.Watch = watch(c, withQuery(deviceHref(id)+"/session", "imsi", c.Query("imsi")), headParts+" session-now", "device:"+id)
	imsi := imsis[max(0, slices.Index(imsis, c.Query("imsi")))]
	for _, one := range imsis {
		view.IMSIs = append(view.IMSIs, templates.Link{Label: one, Href: withQuery(deviceHref(id)+"/session", "imsi", one), Current: one == imsi})
	}
	switch live, err := s.CMP.LiveSession(c.Request.Context(), imsi); {
	case err == nil:
		s.clock(c).addLive(&view, live)
		view.Head.Watch.Every = "30" // nobody tells of sessions
	case cmp.KindOf(err) == cmp.Rejected:
		view.None = refusedNotice(err)
		c.Set(keyCause, err)
	case cmp.KindOf(err) == cmp.NotFound:
		view.None = noSession("nothing")
	default:
		return nil, err
	}
	return page(http.StatusOK, s.deviceFrame(c, id, "Session of "+id), templates.LivePage(view)), nil
}

// imsisOf lists the identities that the CMP gives with a device's orders, each once; an order may give several
// with commas between.
func imsisOf(d cmp.Device) (found []string) {
	add := func(imsi string) {
		if imsi = strings.TrimSpace(imsi); imsi != "" && !slices.Contains(found, imsi) {
			found = append(found, imsi)
		}
	}
	for _, o := range d.Orders {
		for imsi := range strings.SplitSeq(o.IMSI, ",") {
			add(imsi)
		}
		for _, p := range o.Profiles {
			add(p.IMSI)
		}
	}
	return found
}

func noSession(why string) *templates.Notice {
	return &templates.Notice{Tone: "warn", Title: "No live session.", Text: "The CMP answers for this IMSI: " + why + "."}
}

func (k clock) addLive(view *templates.Live, l cmp.Live) {
	if why := l.Why(); why != "" {
		view.None = noSession(why)
	}
	view.Facts = known(
		templates.Fact{Name: "IMSI", Value: l.IMSI, ID: true}, templates.Fact{Name: "MSISDN", Value: l.MSISDN, ID: true}, templates.Fact{Name: "IMEI", Value: l.IMEI, ID: true},
		k.when("Started", l.SessionStart), k.when("Last activity", l.LastActivity), k.when("Last location update", l.LastLU), templates.Fact{Name: "Customer", Value: l.CustomerNo},
	)
	if l.Why() == "" {
		view.Data = known(
			templates.Fact{Name: "Connected", Value: yesNo(l.Data.Active, l.Data.ActiveKnown)}, k.when("Since", l.Data.Activation), templates.Fact{Name: "IP", Value: l.Data.IP, ID: true},
			templates.Fact{Name: "Sent", Value: counted(l.Data.TX)}, k.when("Last sent", l.Data.LastTX), templates.Fact{Name: "Received", Value: counted(l.Data.RX)},
			k.when("Last received", l.Data.LastRX), templates.Fact{Name: "Address on the Internet", Value: l.Data.DestinationAddress, ID: true},
		)
	}
	view.Messages = known(
		templates.Fact{Name: "To the device", Value: l.MT.Count, Note: failedNote(l.MT.Errors)}, k.when("Last one to it", l.MT.Last),
		templates.Fact{Name: "From the device", Value: l.MO.Count, Note: failedNote(l.MO.Errors)}, k.when("Last one from it", l.MO.Last), templates.Fact{Name: "Sent to", Value: l.MO.LastTo, ID: true},
		templates.Fact{Name: "Last error", Value: l.LastSMSError}, k.when("at", l.LastSMSErrorTime),
	)
}

// known keeps the facts that say something.
func known(facts ...templates.Fact) []templates.Fact {
	return slices.DeleteFunc(facts, func(f templates.Fact) bool { return f.Value == "" && f.At == nil })
}

// when is a moment as a fact; without one it says nothing.
func (k clock) when(name string, t cmp.Time) templates.Fact {
	if t.IsZero() {
		return templates.Fact{}
	}
	m := k.upstream(t)
	return templates.Fact{Name: name, At: &m}
}

func yesNo(yes, known bool) string {
	switch {
	case !known:
		return ""
	case yes:
		return "Yes"
	}
	return "No"
}

func counted(c cmp.Counter) string {
	switch {
	case c.Known:
		return bytesText(c.Bytes)
	case c.Raw == "":
		return ""
	}
	return "not readable: " + c.Raw
}

func failedNote(n string) string {
	if n == "" || n == "0" {
		return ""
	}
	return n + " failed"
}
