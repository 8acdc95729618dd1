package cmp

import (
	"context"
	"strings"
)

// Opened is when an opened order starts and when it will end; either may be missing.
type Opened struct{ Start, Expire Time }

// OpenPackage starts an order that was bought before (API document, "Open data plan"). Its times are in the zone
// UTC+8 unless the CMP names another; the end is inclusive. Sent at most once; the error's Kind says what is
// certain, and a success about another order is Unknown.
func (c *Client) OpenPackage(ctx context.Context, orderID string) (Opened, error) {
	const op = "package/openPackage"
	if !ValidOrderID(orderID) {
		return Opened{}, refused(op, errNoOrderID)
	}
	n, err := c.change(ctx, op, orderOnly{orderID})
	if err != nil {
		return Opened{}, err
	}
	if id := n.text("order_id"); id != "" && id != orderID {
		return Opened{}, unusable(op, errOtherOrder)
	}
	return Opened{Start: parseTime(n.text("order_start_date")), Expire: parseTime(n.text("order_expire_date"))}, nil
}

// CancelPackage cancels an order that has not started (API document, "Cancel package order"). Final. Sent at most
// once; the error's Kind says what is certain.
func (c *Client) CancelPackage(ctx context.Context, orderID string) error {
	const op = "package/cancelPackage"
	if !ValidOrderID(orderID) {
		return refused(op, errNoOrderID)
	}
	_, err := c.change(ctx, op, orderOnly{orderID})
	return err
}

type orderOnly struct {
	OrderID string `json:"order_id"`
}

// EndOrder asks to end an order before its time. DeviceType is 1 MiFi, 2 module, 3 tour card, 4 IoT card, 5 SoC, or empty.
type EndOrder struct{ OrderID, Cause, DeviceType string }

// EndOrder ends an order in use (API document, "End package orders early"). Final. Sent at most once; the error's
// Kind says what is certain.
func (c *Client) EndOrder(ctx context.Context, end EndOrder) error {
	const op = "package/aheadFinishDeviceOrder"
	switch {
	case !ValidOrderID(end.OrderID):
		return refused(op, errNoOrderID)
	case strings.TrimSpace(end.Cause) == "":
		return refused(op, errNoCause)
	case end.DeviceType != "" && (len(end.DeviceType) != 1 || !strings.Contains("12345", end.DeviceType)):
		return refused(op, errNoDeviceType)
	}
	_, err := c.change(ctx, op, struct {
		Cause      string `json:"ahead_finish_cause"`
		DeviceType string `json:"device_type,omitempty"`
		OrderID    string `json:"order_id"`
	}{end.Cause, end.DeviceType, end.OrderID})
	return err
}

// ServiceOrder names an order for pausing and restarting; the device is sent along when it is known.
type ServiceOrder struct {
	OrderID  string `json:"order_id"`
	DeviceID string `json:"device_id,omitempty"`
}

// PauseService suspends an order in use (API document, "Suspend an active order"). Sent at most once; the error's
// Kind says what is certain.
func (c *Client) PauseService(ctx context.Context, order ServiceOrder) error {
	return c.service(ctx, "device/pauseService", order)
}

// RestartService starts a suspended order again (API document, "Restart a suspended order"). Sent at most once; the
// error's Kind says what is certain.
func (c *Client) RestartService(ctx context.Context, order ServiceOrder) error {
	return c.service(ctx, "device/restartService", order)
}

func (c *Client) service(ctx context.Context, op string, order ServiceOrder) error {
	if !ValidOrderID(order.OrderID) {
		return refused(op, errNoOrderID)
	}
	if order.DeviceID != "" && !ValidID(order.DeviceID) {
		return refused(op, errNoDeviceID)
	}
	_, err := c.change(ctx, op, order)
	return err
}
