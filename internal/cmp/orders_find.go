package cmp

import (
	"context"
	"errors"
	"fmt"
)

// The pages that a search reads at most: a part of an id that matches more is no id.
const (
	ordersPageSize = 100
	ordersMaxPages = 20
)

var errRepeats = errors.New("the CMP repeats a page in place of the next")

// OrdersOf reads all orders of exactly one device, in the CMP's order (API document, "Query package order",
// which matches parts of an id). It fails with NotFound when the text can be no device id, and with Unknown
// when more orders match than it reads.
func (c *Client) OrdersOf(ctx context.Context, deviceID string) ([]Order, error) {
	if !ValidID(deviceID) {
		return nil, notFound(opQueryOrder, "not a device id")
	}
	var mine []Order
	err := c.walk(ctx, OrderQuery{DeviceID: deviceID, Size: ordersPageSize}, func(o Order) bool {
		if o.DeviceID == deviceID {
			mine = append(mine, o)
		}
		return true
	})
	if err != nil {
		return nil, err
	}
	return mine, nil
}

// Order reads exactly one order (API document, "Query package order"). It fails with NotFound when the CMP has
// none of this id.
func (c *Client) Order(ctx context.Context, orderID string) (Order, error) {
	if !ValidOrderID(orderID) {
		return Order{}, notFound(opQueryOrder, "not an order id")
	}
	var found *Order
	err := c.walk(ctx, OrderQuery{OrderID: orderID, Size: 20}, func(o Order) bool {
		if o.ID == orderID {
			found = &o
		}
		return found == nil
	})
	if err != nil {
		return Order{}, err
	}
	if found == nil {
		return Order{}, notFound(opQueryOrder, "the answer holds no such order")
	}
	return *found, nil
}

// walk visits every order that a query matches, until visit says that it has seen enough. The totals of an
// answer can make it read on, never stop early: it ends at an empty page, at a short one with nothing
// announced behind it, or when the CMP repeats itself, which is an error when it announces orders that it has
// not shown. An order that slid from one page to the next while we read is visited once.
func (c *Client) walk(ctx context.Context, q OrderQuery, visit func(Order) bool) error {
	onPage, rows := map[string]int{}, 0
	for q.Page = 1; q.Page <= ordersMaxPages; q.Page++ {
		p, err := c.Orders(ctx, q)
		if err != nil {
			return err
		}
		fresh := false
		for _, o := range p.Orders {
			if earlier := onPage[o.ID]; o.ID != "" && earlier != 0 && earlier != q.Page {
				continue
			}
			onPage[o.ID], fresh = q.Page, true
			if !visit(o) {
				return nil
			}
		}
		rows += len(p.Orders)
		more := q.Page < p.Pages || rows < p.Total || len(p.Orders) >= p.Size
		if !fresh && len(p.Orders) > 0 && len(onPage) < p.Total {
			return unusable(opQueryOrder, errRepeats) // the rest is there and cannot be reached
		}
		if !fresh || !more {
			return nil
		}
	}
	return unusable(opQueryOrder, fmt.Errorf("more orders match than the %d that are read", rows))
}
