package views

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/cmp"
	"cmpconsole/web/templates"
)

// search answers the one box. Exactly one hit opens it. The CMP itself can look up by device id, by order id
// and by a part of the device id of an order; what cannot be looked up is said.
func (s *Server) search(c *gin.Context) (response, error) {
	q := pasted(c.Query("q"))
	frame := s.frame(c, "Search")
	frame.Query = q
	view := templates.Search{Query: q}
	if q == "" {
		return page(http.StatusOK, frame, templates.SearchPage(view)), nil
	}
	found, err := s.lookUp(c.Request.Context(), q)
	noteOf(c, "", "", "q", q, "hits", number(len(found.devices)+len(found.orders)))
	if err != nil {
		return nil, err
	}
	if only := found.only(); only != "" {
		return seeOther(only), nil
	}
	view.ReadAs, view.Explain, view.Unasked = found.readAs, found.explain, found.unasked
	k, needle := s.clock(c), compact(q)
	for _, d := range found.devices {
		view.Devices = append(view.Devices, k.deviceHit(d, needle))
	}
	for _, o := range found.orders {
		view.Orders = append(view.Orders, k.orderRow(o))
	}
	return page(http.StatusOK, frame, templates.SearchPage(view)), nil
}

// hits is what a look-up gave.
type hits struct {
	readAs, explain string
	unasked         string // why the CMP was not asked, and what to type instead
	devices         []deviceFound
	orders          []cmp.Order
	more            bool // the CMP has more than it gave, which may be others
}

// deviceFound is a device with what is known of it without another call: the order that
// weighs most. A device that was asked for by its whole id has none, since its page opens at once.
type deviceFound struct {
	id    string
	order cmp.Order
}

// only returns the address of the one thing found, empty when it is none or several, or may be.
func (h hits) only() string {
	switch {
	case h.more:
		return ""
	case len(h.devices) == 1 && len(h.orders) == 0:
		return deviceHref(h.devices[0].id)
	case len(h.orders) == 1 && len(h.devices) == 0:
		return orderHref(h.orders[0].ID)
	}
	return ""
}

// lookUp asks the CMP for what the text can be: an order id, a device id, or a part of one.
func (s *Server) lookUp(ctx context.Context, q string) (hits, error) {
	id := compact(q)
	if looksLikeOrder(q) {
		o, err := s.CMP.Order(ctx, q)
		if err == nil {
			return hits{readAs: "order id", orders: []cmp.Order{o}}, nil
		}
		if !isUnknownThing(err) {
			return hits{}, err
		}
	}
	switch {
	case !isPartOfID(id) || id == "":
		return hits{readAs: "text", unasked: "The CMP looks up device ids and order ids only: letters and digits."}, nil
	case len(id) < 4:
		return hits{readAs: "part of a device id", unasked: "Type at least four digits of the device id."}, nil
	}
	if cmp.ValidID(id) {
		d, err := s.CMP.Device(ctx, id)
		if err == nil {
			return hits{readAs: "device id", devices: []deviceFound{{id: d.ID}}}, nil
		}
		if !isUnknownThing(err) {
			return hits{}, err
		}
	}
	return s.lookUpPart(ctx, id)
}

// lookUpPart finds devices by a part of their id through their orders, which the CMP matches in part.
func (s *Server) lookUpPart(ctx context.Context, id string) (hits, error) {
	page, err := s.CMP.Orders(ctx, cmp.OrderQuery{DeviceID: id, Page: 1, Size: 100})
	if err != nil {
		return hits{}, err
	}
	h := hits{readAs: "part of a device id"}
	for _, o := range page.Orders {
		if strings.Contains(o.DeviceID, id) {
			h.add(o)
		}
	}
	h.explain = "Looked for a device id, an order id, and a part of the device id of any order. A device without any order is found by its whole id only, and an IMSI, MSISDN or IMEI cannot be looked up at the CMP."
	if h.more = page.Total > len(page.Orders); h.more {
		h.explain = fmt.Sprintf("%s orders match; the devices of the first %d are shown. Type more digits.", number(page.Total), len(page.Orders))
	}
	return h, nil
}

// looksLikeOrder tells whether the text can be an order id: with a prefix of letters, or digits alone.
func looksLikeOrder(q string) bool {
	return cmp.ValidOrderID(q) && len(q) >= 6 && !strings.HasPrefix(q, "89")
}

// isUnknownThing tells a thing that the CMP does not know from a look-up that failed. No code for it is
// documented, so every refusal counts that does not say that the CMP is in trouble itself.
func isUnknownThing(err error) bool {
	e, ok := errors.AsType[*cmp.Error](err)
	return ok && (e.Kind == cmp.NotFound || e.Kind == cmp.Rejected && !e.Trouble())
}

// add counts the order to its device, which shows the one that matters most.
func (h *hits) add(o cmp.Order) {
	i := slices.IndexFunc(h.devices, func(d deviceFound) bool { return d.id == o.DeviceID })
	if i < 0 {
		h.devices = append(h.devices, deviceFound{o.DeviceID, o})
		return
	}
	shown := &h.devices[i].order
	if was, is := weight(*shown), weight(o); is > was || is == was && o.Ordered.At.After(shown.Ordered.At) {
		*shown = o
	}
}

// weight ranks orders: what is in use or suspended tells most of a device, what is over least.
func weight(o cmp.Order) int {
	switch o.Status {
	case cmp.StatusInUse, cmp.StatusSuspended:
		return 2
	case cmp.StatusEnded:
		return 0
	}
	return 1
}

// deviceHit marks the matched part of a device id.
func (k clock) deviceHit(d deviceFound, needle string) templates.DeviceHit {
	h := templates.DeviceHit{ID: d.id, Before: d.id, Href: deviceHref(d.id), Note: d.order.PackageName}
	if i := strings.Index(d.id, needle); i >= 0 {
		h.Before, h.Match, h.After = d.id[:i], needle, d.id[i+len(needle):]
	}
	if d.order.ID != "" {
		badge := statusBadge(d.order.Status)
		h.Status, h.Ends = &badge, k.upstream(d.order.Expire)
	}
	return h
}
