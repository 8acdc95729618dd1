package cmp

import (
	"context"
	"log/slog"
	"slices"
	"sync"
)

// maxStrangers bounds how many unknown codes are remembered; a CMP that sends more is beyond naming them.
const maxStrangers = 100

// strangers remembers the codes that the document does not name, so that each is reported once.
type strangers struct {
	mu   sync.Mutex
	seen map[string]bool
}

// first tells that a code is met for the first time.
func (s *strangers) first(field, code string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := field + "=" + code
	if s.seen[key] || len(s.seen) >= maxStrangers {
		return false
	}
	if s.seen == nil {
		s.seen = map[string]bool{}
	}
	s.seen[key] = true
	return true
}

// expect logs, once a code, what the document does not name. The value itself is kept and shown as it came.
func (c *Client) expect(op, field, code string, known ...string) {
	code = bounded(code, maxCode)
	if code == "" || slices.Contains(known, code) || !c.strange.first(field, code) {
		return
	}
	c.logger.Log(context.Background(), slog.LevelWarn, "cmp sent a code that the API document does not name", "path", op, "field", field, "code", code)
}

func (c *Client) expectDevice(op string, d Device) {
	c.expect(op, "lifecycle", string(d.Lifecycle), "0", "1", "2", "3", "4", "5")
	c.expect(op, "ota_flag", string(d.OTA), "1", "2")
	c.expect(op, "bip_flag", string(d.BIP), "1", "2")
	c.expect(op, "multiImsi_flag", string(d.MultiIMSI), "0", "1")
	for _, o := range d.Orders {
		c.expectOrder(op, o)
	}
}

func (c *Client) expectOrder(op string, o Order) {
	c.expect(op, "order_status", string(o.Status), "1", "2", "3", "5")
	c.expect(op, "package_type", o.PackageType, "0", "1", "2", "3", "4", "5")
	c.expect(op, "buy_type", o.BuyType, "1", "2")
}
