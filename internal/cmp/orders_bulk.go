package cmp

import (
	"context"
	"net/http"
	"strconv"
)

const opBulkOrder = "package/batchOrderPackages"

// BulkOrder asks for one package for several devices.
type BulkOrder struct {
	Devices                  []string
	PackageCode, PackageName string
	PackageType              string
	Periods                  int
	Open                     bool // start at once; only what is paid can be opened
	MainNumber               bool // for the main number of a multi-IMSI card
	Paid                     bool
	PayType                  string // 0 ipay88, 1 WeChat, 2 Alipay
	PayAmount                string // yuan, at most two decimals
	TestFlow                 string // test traffic of a first order, in MB; none when empty
}

// BulkResult is what became of one device of a bulk order.
type BulkResult struct {
	DeviceID, OrderID string
	Code, Message     string // as the CMP gave them
	Start, Expire     Time   // given when the order was opened at once
	Kind              Kind   // of failure; it counts only when OK is false
	OK                bool
}

// OrderPackages orders a package for several devices (API document, "Bulk Order Package"). The CMP judges each
// device by itself: the results come in the order of Devices, one each, and a device that the answer leaves out
// or answers twice is Unknown. Sent at most once; an error is about the call as a whole.
func (c *Client) OrderPackages(ctx context.Context, b BulkOrder) ([]BulkResult, error) {
	if !b.valid() {
		return nil, refused(opBulkOrder, errNoBulkOrder)
	}
	n, err := c.change(ctx, opBulkOrder, b.wire())
	if err != nil {
		return nil, err
	}
	rows, err := n.children("device_order")
	if err != nil {
		return nil, unusable(opBulkOrder, err)
	}
	return b.results(rows), nil
}

func (b BulkOrder) valid() bool {
	for _, id := range b.Devices {
		if !ValidID(id) {
			return false
		}
	}
	return len(b.Devices) > 0 && b.PackageCode != "" && b.Periods > 0
}

func (b BulkOrder) wire() any {
	paid := "1"
	if b.Paid {
		paid = "2"
	}
	flow := b.TestFlow
	if flow == "" {
		flow = "0"
	}
	return struct {
		Devices     []string `json:"deviceList"`
		MainNumber  string   `json:"global_order"`
		Open        string   `json:"is_open"`
		Periods     string   `json:"order_period"`
		PackageCode string   `json:"package_code"`
		PackageName string   `json:"package_name"`
		PackageType string   `json:"package_type"`
		PayAmount   string   `json:"pay_amount"`
		PayResult   string   `json:"pay_rst"`
		PayType     string   `json:"pay_type"`
		TestFlow    string   `json:"test_flow"`
		HasTestFlow string   `json:"test_flow_flag"`
	}{
		b.Devices, digit(b.MainNumber), digit(b.Open), strconv.Itoa(b.Periods), b.PackageCode, b.PackageName, b.PackageType, b.PayAmount, paid, b.PayType,
		flow, digit(b.TestFlow != ""),
	}
}

func digit(yes bool) string {
	if yes {
		return "1"
	}
	return "0"
}

// results pairs the answer's rows with the devices that were asked for.
func (b BulkOrder) results(rows []*node) []BulkResult {
	byDevice := map[string][]*node{}
	for _, row := range rows {
		id := row.text("device_id")
		byDevice[id] = append(byDevice[id], row)
	}
	results := make([]BulkResult, len(b.Devices))
	for i, id := range b.Devices {
		results[i] = BulkResult{DeviceID: id, Kind: Unknown}
		if found := byDevice[id]; len(found) == 1 {
			results[i] = bulkResult(id, found[0])
		}
	}
	return results
}

// bulkResult judges a device's row as an answer of its own: an order without its id is as good as lost.
func bulkResult(id string, n *node) BulkResult {
	r := BulkResult{
		DeviceID: id, OrderID: n.text("order_id"), Code: bounded(n.text("error"), maxCode), Message: bounded(n.text("error_msg"), maxMessage),
		Start: parseTime(n.text("order_start_date")), Expire: parseTime(n.text("order_expire_date")), Kind: Unknown,
	}
	switch {
	case n.ambiguous("error") || n.ambiguous("order_id"):
	case r.Code == outerSuccess:
		r.OK = r.OrderID != ""
	case r.Code != "" && !doubtfulCode.MatchString(r.Code) && r.OrderID == "":
		r.Kind = Rejected
	}
	return r
}

// Err is the result as an error of its own, nil when the order was made.
func (r BulkResult) Err() error {
	if r.OK {
		return nil
	}
	e := &Error{Op: opBulkOrder, Kind: r.Kind, HTTPStatus: http.StatusOK, Code: r.Code, Message: r.Message}
	if r.Kind != Rejected {
		e.Err = errNoResult
	}
	return e
}
