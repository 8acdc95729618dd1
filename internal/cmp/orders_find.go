package cmp

import (
	"context"
	"iter"
	"strings"
)

// The pages that a search reads at most: a part of an id that matches more is no id.
const (
	ordersPageSize = 100
	ordersMaxPages = 20
)

// OrdersOf reads all orders of exactly one device, in the CMP's order (API document, "Query package order",
// which matches parts of an id). It fails with NotFound when the text can be no device id, and with Unknown
// when more orders match than it reads.
func (c *Client) OrdersOf(ctx context.Context, deviceID string) ([]Order, error) {
	if !ValidID(deviceID) {
		return nil, notFound(opQueryOrder, errNoDeviceID)
	}
	var mine []Order
	for o, err := range c.matching(ctx, OrderQuery{DeviceID: deviceID, Size: ordersPageSize}) {
		if err != nil {
			return nil, err
		}
		if strings.EqualFold(o.DeviceID, deviceID) {
			mine = append(mine, o)
		}
	}
	return mine, nil
}

// Order reads exactly one order (API document, "Query package order"). It fails with NotFound when the CMP has
// none of this id.
func (c *Client) Order(ctx context.Context, orderID string) (Order, error) {
	if !ValidOrderID(orderID) {
		return Order{}, notFound(opQueryOrder, errNoOrderID)
	}
	for o, err := range c.matching(ctx, OrderQuery{OrderID: orderID, Size: 20}) {
		if err != nil {
			return Order{}, err
		}
		if o.ID == orderID {
			return o, nil
		}
	}
	return Order{}, notFound(opQueryOrder, errNoOrder)
}

// matching yields every order that a query matches, page by page; an error ends it. The totals of an answer can
// make it read on, never stop early: it ends at an empty page, at a short one with nothing announced behind it, or
// when the CMP repeats itself, which is an error when it announces orders that it has not shown.
func (c *Client) matching(ctx context.Context, q OrderQuery) iter.Seq2[Order, error] {
	return func(yield func(Order, error) bool) {
		seen := seenOrders{pageOf: map[string]int{}}
		for q.Page = 1; q.Page <= ordersMaxPages; q.Page++ {
			page, err := c.Orders(ctx, q)
			if err != nil {
				yield(Order{}, err)
				return
			}
			fresh := seen.add(page)
			for _, o := range fresh {
				if !yield(o, nil) {
					return
				}
			}
			if seen.stuck(page, fresh) {
				yield(Order{}, unusable(opQueryOrder, errRepeats))
				return
			}
			if len(fresh) == 0 || !seen.announced(page) {
				return
			}
		}
		yield(Order{}, unusable(opQueryOrder, errTooMany))
	}
}

// seenOrders is what the pages so far have shown.
type seenOrders struct {
	pageOf map[string]int // by order id, the page it was on
	rows   int
}

// add returns the orders that no earlier page held: one can slide to the next page while we read. Within a page
// everything counts, and so does an order without an id.
func (s *seenOrders) add(p OrderPage) []Order {
	var fresh []Order
	for _, o := range p.Orders {
		earlier, known := s.pageOf[o.ID]
		if o.ID == "" || !known || earlier == p.Page {
			s.pageOf[o.ID] = p.Page
			fresh = append(fresh, o)
		}
	}
	s.rows += len(p.Orders)
	return fresh
}

// stuck tells that the page repeats what was seen while more is announced: the rest is there and cannot be reached.
func (s *seenOrders) stuck(p OrderPage, fresh []Order) bool {
	return len(fresh) == 0 && len(p.Orders) > 0 && len(s.pageOf) < p.Total
}

// announced tells that there may be another page: the CMP says so, or this one is full.
func (s *seenOrders) announced(p OrderPage) bool {
	return p.Page < p.Pages || s.rows < p.Total || len(p.Orders) >= p.Size
}
