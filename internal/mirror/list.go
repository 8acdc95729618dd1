package mirror

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"slices"

	"cmpconsole/internal/fault"
)

// Sort is what a list is ordered by. Devices without the value come last, whichever way.
type Sort string

// The orders. The empty one is the order in which the mirror met the devices, which is nearly the CMP's own.
const (
	ByMeeting  Sort = ""
	ByID       Sort = "id"
	ByExpiry   Sort = "expires"
	ByUsed     Sort = "used"
	ByStageEnd Sort = "stage"
	ByRead     Sort = "read"
)

// Query asks for one page of a list. After and Before are cursors of another page; at most one is set.
type Query struct {
	Filter

	Sort          Sort
	Desc          bool
	After, Before string
	Size          int
}

// Page is one page of a list. Total counts all that match, From is the place of the first row, counted from 1; a
// cursor is empty where the list ends. Of the devices there is what lists show: of an order its id, status, package, usage, expiry and numbers.
type Page struct {
	Devices        []Device
	Total, From    int
	Next, Previous string
}

// position is where a device stands in a list: by its value, then by its number.
type position struct {
	value uint64
	n     int64
}

func (p position) compare(q position) int {
	switch {
	case p.value < q.value || p.value == q.value && p.n < q.n:
		return -1
	case p == q:
		return 0
	}
	return 1
}

var errCursor = fault.New(fault.Invalid, "This address of a page cannot be read. Go to the first page of the list.")

func (p position) cursor() string {
	data := binary.BigEndian.AppendUint64(nil, p.value)
	return base64.RawURLEncoding.EncodeToString(binary.BigEndian.AppendUint64(data, uint64(p.n)))
}

func parseCursor(text string) (position, error) {
	data, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(data) != 16 {
		return position{}, errCursor
	}
	return position{binary.BigEndian.Uint64(data), int64(binary.BigEndian.Uint64(data[8:]))}, nil
}

// List returns one page.
func (m *Mirror) List(ctx context.Context, q Query) (Page, error) {
	cols, w, err := m.walk(ctx, q)
	if err != nil {
		return Page{}, err
	}
	total, known := m.counted.look(cols, w.plan)
	w.counted = known
	if w.over(cols); known {
		w.total = total
	} else {
		m.counted.keep(cols, w.plan, w.total)
	}
	return m.page(ctx, w)
}

func (m *Mirror) page(ctx context.Context, w *walk) (Page, error) {
	found, more := w.found, false
	if more = len(found) > w.size; more {
		found = found[:w.size]
	}
	p := Page{Total: w.total, From: w.passed + 1}
	if w.back {
		slices.Reverse(found)
		p.From = w.passed - len(found) + 1
	}
	if len(found) == 0 {
		p.From = 0
		return p, nil
	}
	if w.back || more {
		p.Next = found[len(found)-1].cursor()
	}
	if !w.back && w.passed > 0 || w.back && more {
		p.Previous = found[0].cursor()
	}
	ns := make([]int64, len(found))
	for i, f := range found {
		ns[i] = f.n
	}
	var err error
	p.Devices, err = m.listed(ctx, ns)
	return p, err
}
