package mirror

import (
	"hash/fnv"
	"io"
	"time"

	"cmpconsole/internal/cmp"
)

// longPause is how long a pass may rest between two pages before its list counts as another one.
const longPause = 10 * time.Minute

// Pass is one reading of the CMP's whole list of devices, page by page. The list may move meanwhile: what joins, leaves
// or changes places pushes devices over the edges of pages, and some are then read twice and others not at all.
type Pass struct {
	Started time.Time // to the second, as devices are confirmed
	Read    time.Time // when its last page was asked for
	Size    int       // devices a page, as asked for
	Served  int       // devices a page, as the CMP says
	Next    int       // the page to be read, counted from 1
	Rows    int       // devices read, those read twice included
	Total   int       // devices there are, as the CMP said last
	Pages   int       // pages there are, as the CMP said last
	Moved   bool      // the list was another one from page to page
	Print   uint64    // of all ids in their order
	Page    uint64    // of the ids of the last page
}

// take takes in the page that was asked for at a moment. It tells whether it was the last one, which is so when it is
// empty, repeats the one before, or is a short one with nothing announced behind it. What the CMP announces can make a
// pass read on and never end it; known bounds how far.
func (p *Pass) take(page cmp.DevicePage, at time.Time, known int) (last bool) {
	if p.Next > 1 {
		p.Moved = p.Moved || page.Total != p.Total || page.Size != p.Served || at.Sub(p.Read) > longPause
	}
	p.Read, p.Total, p.Pages, p.Served = at, page.Total, page.Pages, page.Size
	print := fingerprint(0, page.Devices)
	if len(page.Devices) == 0 || p.Next > 1 && print == p.Page {
		return true
	}
	announced := p.Next < page.Pages || p.Rows+len(page.Devices) < page.Total || len(page.Devices) >= page.Size
	p.Rows, p.Next, p.Page, p.Print = p.Rows+len(page.Devices), p.Next+1, print, fingerprint(p.Print, page.Devices)
	if p.Rows > 2*max(page.Total, known)+100*p.Size { // it goes round in circles
		p.Moved = true
		return true
	}
	return !announced
}

// moved tells whether there is evidence that the list moved, so that devices may have been missed; confirmed is how
// many different ones were read.
func (p *Pass) moved(confirmed int) bool {
	return p.Moved || p.Rows != p.Total || confirmed < p.Rows
}

// pages is how many pages the pass will have, as far as the CMP says.
func (p *Pass) pages() int {
	if p.Served <= 0 {
		return p.Pages
	}
	return max((p.Total+p.Served-1)/p.Served, p.Next-1)
}

// fingerprint tells lists of devices apart by their ids and the order of these.
func fingerprint(before uint64, list []cmp.Device) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte{byte(before), byte(before >> 8), byte(before >> 16), byte(before >> 24), byte(before >> 32), byte(before >> 40), byte(before >> 48), byte(before >> 56)})
	for _, d := range list {
		_, _ = io.WriteString(h, d.ID)
		_, _ = h.Write([]byte{0})
	}
	return h.Sum64()
}
