package cmp

import "context"

// Opened is when an opened order starts and when it will end.
type Opened struct{ Start, Expire Time }

// OpenPackage starts an order that was bought before (API document, "Open data plan"). Sent at most once; see Kind.
func (c *Client) OpenPackage(ctx context.Context, orderID string) (Opened, error) {
	data, err := c.change(ctx, "package/openPackage", orderOnly{orderID})
	if err != nil {
		return Opened{}, err
	}
	// The change is confirmed by the codes; dates that cannot be read do not make it doubtful.
	n, err := parseNode(data)
	if err != nil || n == nil {
		return Opened{}, nil //nolint:nilerr // see above
	}
	return Opened{Start: parseTime(n.text("order_start_date")), Expire: parseTime(n.text("order_expire_date"))}, nil
}

// CancelPackage cancels an order that has not started (API document, "Cancel package order"). Final. Sent at most once; see Kind.
func (c *Client) CancelPackage(ctx context.Context, orderID string) error {
	_, err := c.change(ctx, "package/cancelPackage", orderOnly{orderID})
	return err
}

type orderOnly struct {
	OrderID string `json:"order_id"`
}

// EndOrder asks to end an order before its time. DeviceType is 1 MiFi, 2 module, 3 tour card, 4 IoT card, 5 SoC, or empty.
type EndOrder struct{ OrderID, Cause, DeviceType string }

// EndOrder ends an order in use (API document, "End package orders early"). Final. Sent at most once; see Kind.
func (c *Client) EndOrder(ctx context.Context, end EndOrder) error {
	_, err := c.change(ctx, "package/aheadFinishDeviceOrder", struct {
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

// PauseService suspends an order in use (API document, "Suspend an active order"). Sent at most once; see Kind.
func (c *Client) PauseService(ctx context.Context, order ServiceOrder) error {
	_, err := c.change(ctx, "device/pauseService", order)
	return err
}

// RestartService starts a suspended order again (API document, "Restart a suspended order"). Sent at most once; see Kind.
func (c *Client) RestartService(ctx context.Context, order ServiceOrder) error {
	_, err := c.change(ctx, "device/restartService", order)
	return err
}
