package views

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"cmpconsole/internal/cmp"
	"cmpconsole/internal/fault"
	"cmpconsole/internal/ident"
)

// told is what the CMP knows of a text that nothing here knows. It can look up a device id, an order code, and a part of
// the device id of an order.
type told struct {
	devices []deviceFound
	orders  []cmp.Order
	more    bool   // the CMP has more than it gave
	explain string // what was looked for
	unasked string // why it was not asked, and what to type instead
	failed  error  // what asking it ran into
}

// deviceFound is a device with what is known of it without another call: the order that weighs most. A device that was
// asked for by its whole id has none, since its page opens at once.
type deviceFound struct {
	id    string
	order cmp.Order
}

func (t told) hrefs() (list []string) {
	for _, d := range t.devices {
		list = append(list, deviceHref(d.id))
	}
	for _, o := range t.orders {
		list = append(list, orderHref(o.ID))
	}
	return list
}

// askLimit is how long a search waits for the CMP. What is found here is shown without it.
const askLimit = 5 * time.Second

// askWithin asks the CMP as long as a search may wait. One that is down or slow fails no search: the page says so.
func (s *Server) askWithin(ctx context.Context, f *finding) error {
	limited, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	err := s.askUpstream(limited, f)
	if _, ok := errors.AsType[*cmp.Error](err); ok && fault.KindOf(classify(err)) != fault.NotFound {
		f.told.failed = err
		return nil
	}
	return err
}

// askUpstream asks the CMP for what the text can be: an order code, a device id, or a part of one.
func (s *Server) askUpstream(ctx context.Context, f *finding) error {
	if f.short() {
		f.told.unasked = tooShort
		return nil
	}
	if code := orderCode(f.read); code != "" {
		o, err := s.CMP.Order(ctx, code)
		if err == nil {
			f.told.orders = []cmp.Order{o}
			return nil
		}
		if !isUnknownThing(err) {
			return err
		}
	}
	id := f.read.Part()
	if device, ok := f.read.Is(ident.Device); ok {
		id = device.Key
	}
	switch {
	case len(id) < 4 || !strings.ContainsAny(id, "0123456789") || f.read.Lost != nil && !f.read.Lost.Maybe:
		f.told.unasked = "The CMP can be asked for order codes, and for four digits of a device id or more."
		return nil
	}
	if cmp.ValidID(id) {
		d, err := s.CMP.Device(ctx, id)
		if err == nil {
			f.told.devices = []deviceFound{{id: d.ID}}
			return nil
		}
		if !isUnknownThing(err) {
			return err
		}
	}
	return s.askForPart(ctx, id, &f.told)
}

// orderCode is the text as an order code, when it may be one: in a form of the document, or in any other that does not
// look like a card's number.
func orderCode(r ident.Reading) string {
	if s, ok := r.Is(ident.Order); ok {
		return s.Key
	}
	if q := strings.TrimSpace(r.Text); looksLikeOrder(q) {
		return q
	}
	return ""
}

// askForPart finds devices by a part of their id through their orders, which the CMP matches in part.
func (s *Server) askForPart(ctx context.Context, id string, t *told) error {
	page, err := s.CMP.Orders(ctx, cmp.OrderQuery{DeviceID: id, Page: 1, Size: 100})
	if err != nil {
		return err
	}
	for _, o := range page.Orders {
		if strings.Contains(o.DeviceID, id) {
			t.add(o)
		}
	}
	t.explain = "The copy of the fleet does not have it, so the CMP was asked for a device id, an order code, and a part of the device id of any order."
	if t.more = page.Total > len(page.Orders); t.more {
		t.explain = fmt.Sprintf("%s orders at the CMP match; the devices of the first %d are shown. Type more digits.", number(page.Total), len(page.Orders))
	}
	return nil
}

// looksLikeOrder tells whether the text can be an order id: with a prefix of letters, or digits alone. A word is none.
func looksLikeOrder(q string) bool {
	return cmp.ValidOrderID(q) && len(q) >= 6 && strings.ContainsAny(q, "0123456789") && !strings.HasPrefix(q, "89")
}

// isUnknownThing tells a thing that the CMP does not know from a look-up that failed. No code for it is
// documented, so every refusal counts that does not say that the CMP is in trouble itself.
func isUnknownThing(err error) bool {
	e, ok := errors.AsType[*cmp.Error](err)
	return ok && (e.Kind == cmp.NotFound || e.Kind == cmp.Rejected && !e.Trouble())
}

// add counts the order to its device, which shows the one that matters most.
func (t *told) add(o cmp.Order) {
	i := slices.IndexFunc(t.devices, func(d deviceFound) bool { return d.id == o.DeviceID })
	if i < 0 {
		t.devices = append(t.devices, deviceFound{o.DeviceID, o})
		return
	}
	shown := &t.devices[i].order
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
