package views

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/cmp"
	"cmpconsole/internal/fault"
	"cmpconsole/web/templates"
	"cmpconsole/web/templates/ui"
)

const listSize = 50

var errDeviceID = fault.New(fault.Invalid, "A device id has 10 to 32 letters or digits, and nothing else. This one does not: check it for missing digits, spaces or signs.")

// pageNumber reads ?page=, 1 when it is absent.
func pageNumber(c *gin.Context) (int, error) {
	text := c.DefaultQuery("page", "1")
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > 10_000_000 {
		return 0, fault.New(fault.Invalid, fmt.Sprintf("%q is no page of a list. Pages are counted from 1.", text))
	}
	return n, nil
}

// pager leads through numbered pages; pairs are the filters that every page keeps.
func pager(path string, page, total, shown int, pairs ...string) ui.Pager {
	p := ui.Pager{Total: number(total)}
	first := (page-1)*listSize + 1
	if shown > 0 {
		p.From, p.To = number(first), number(first+shown-1)
	}
	at := func(n int) string { return withQuery(path, append(pairs, "page", strconv.Itoa(n))...) }
	if page > 1 {
		p.PreviousHref = at(page - 1)
	}
	if shown > 0 && first+shown-1 < total {
		p.NextHref = at(page + 1)
	}
	return p
}

// showDevice shows one device: its state, its orders and what can be done.
func (s *Server) showDevice(c *gin.Context) (response, error) {
	id := c.Param("id")
	noteOf(c, id, "")
	if !cmp.ValidID(id) {
		return nil, errDeviceID
	}
	r := s.readDevice(c.Request.Context(), id)
	if r.err != nil {
		failed := deviceFault(r.err)
		if copied, ok := s.deviceFromCopy(c, id, failed); ok {
			return copied, nil
		}
		return nil, failed
	}
	view, err := s.deviceView(c, r)
	if err != nil {
		return nil, err
	}
	frame := s.deviceFrame(c, id, "Device "+id)
	return page(http.StatusOK, frame, templates.DeviceOverview(view)), nil
}

// deviceReading is what the two calls about a device gave. The page works without the second.
type deviceReading struct {
	device    cmp.Device
	orders    []cmp.Order
	err       error
	ordersErr error
}

// readDevice asks for the device and its orders at the same time.
func (s *Server) readDevice(ctx context.Context, id string) deviceReading {
	var r deviceReading
	var both sync.WaitGroup
	both.Go(func() { r.device, r.err = s.CMP.Device(ctx, id) })
	both.Go(func() { r.orders, r.ordersErr = s.CMP.OrdersOf(ctx, id) })
	both.Wait()
	return r
}

// deviceFault tells a device that is not there from one that the CMP does not tell of, whose own words the page quotes.
func deviceFault(err error) error {
	e, ok := errors.AsType[*cmp.Error](err)
	switch {
	case !ok || e.Op != cmp.CallDevice || e.Kind != cmp.Rejected || e.Trouble():
		return err
	case e.NoSuchDevice():
		return fault.Wrap(fault.NotFound, err, "The CMP does not know this device. Check the id for a missing or doubled digit.")
	}
	return fault.Wrap(fault.Rejected, err, "It does not tell of this device. Its own words stand below: if it may not know the id, check it for a missing or doubled digit; else try again in a moment.")
}

func isRefusedDevice(err error) bool {
	e, ok := errors.AsType[*cmp.Error](err)
	return ok && e.Op == cmp.CallDevice && e.Kind == cmp.Rejected && !e.Trouble()
}
