package cmp

import (
	"context"
	"math/big"
)

const opQueryOrder = "package/queryOrder"

// OrderStatus is the state of an order. Values that the document does not name survive.
type OrderStatus string

// The states (API document, "Query package order", order_status). There is no 4.
const (
	StatusNotEnabled OrderStatus = "1"
	StatusInUse      OrderStatus = "2"
	StatusEnded      OrderStatus = "3" // ended or cancelled: the CMP does not say which
	StatusSuspended  OrderStatus = "5"
)

// Order is a package order on a device.
type Order struct {
	ID, DeviceID                 string
	PackageName, PackageCode     string
	PackageType, BuyType, Period string
	SupplierCode, IMSI, MSISDN   string
	MainICCID                    string
	Status                       OrderStatus
	Allowance                    Volume // of one period
	Used                         Volume // in the current period
	OrderUsed                    Volume // over the whole order
	UsedRate                     string // as the CMP states it, which divides kB by MB
	Ordered, Active, Expire      Time
	Profiles                     []Profile
	Refuelling                   []Refuelling
	HasTestFlow, FlowPlus        string
}

// Profile is one identity of a card.
type Profile struct{ ICCID, IMSI, MSISDN string }

// Refuelling is an extra allowance bought for an order.
type Refuelling struct {
	ID, Status string
	Allowance  Volume
	Ordered    Time
}

// UsedPercent is the share of the allowance used in this period, rounded down; false when either is not stated.
func (o Order) UsedPercent() (int, bool) {
	if !o.Used.Known || !o.Allowance.Known || o.Allowance.Bytes <= 0 {
		return 0, false
	}
	p := new(big.Int).Mul(big.NewInt(o.Used.Bytes), big.NewInt(100))
	p.Quo(p, big.NewInt(o.Allowance.Bytes))
	if !p.IsInt64() || p.Int64() > 1e9 {
		return 1e9, true
	}
	return int(p.Int64()), true
}

// OrderQuery filters orders. The CMP finds a device id that contains DeviceID; OrderID matches whole.
type OrderQuery struct {
	DeviceID, OrderID string
	Status            OrderStatus
	Page, Size        int
}

// OrderPage is one page of orders. Total and Pages are what the CMP claims.
type OrderPage struct {
	Orders                   []Order
	Page, Size, Total, Pages int
}

// Orders reads one page of orders as the CMP matches them, counted from 1 (API document, "Query package order").
// Volumes come in bytes, times in the zone UTC+8 unless the CMP names another. An answer without orders is an
// empty page.
func (c *Client) Orders(ctx context.Context, q OrderQuery) (OrderPage, error) {
	n, err := c.read(ctx, opQueryOrder, struct {
		DeviceID *string `json:"device_id"`
		OrderID  *string `json:"order_id"`
		Status   *string `json:"order_status"`
		paging
	}{orNull(q.DeviceID), orNull(q.OrderID), orNull(string(q.Status)), paging{q.Page, q.Size}})
	if err != nil {
		return OrderPage{}, err
	}
	rows, err := n.children("package_order")
	if err != nil {
		return OrderPage{}, unusable(opQueryOrder, err)
	}
	p := OrderPage{Page: q.Page}
	for _, row := range rows {
		o := orderFrom(row)
		c.expectOrder(opQueryOrder, o)
		p.Orders = append(p.Orders, o)
	}
	p.Size, p.Total, p.Pages = n.totals(q.Size, len(p.Orders))
	return p, nil
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// orderFrom reads an order node. Profiles and extra allowances only add to the order, and the document's table calls
// the latter XML: what cannot be read of them is left out.
func orderFrom(n *node) Order {
	return Order{
		ID:           n.text("order_code", "order_id"),
		DeviceID:     n.text("device_id"),
		PackageName:  n.text("package_name"),
		PackageCode:  n.text("package_code"),
		PackageType:  n.text("package_type"),
		BuyType:      n.text("buy_type"),
		Period:       n.text("order_period"),
		SupplierCode: n.text("supplierCode"),
		IMSI:         n.text("imsi"),
		MSISDN:       filler(n.text("msisdn")),
		MainICCID:    n.text("main_iccid"),
		Status:       OrderStatus(n.text("order_status")),
		Allowance:    parseVolume(n.text("flow"), megabyte),
		Used:         parseVolume(n.text("used_flow"), kilobyte),
		OrderUsed:    parseVolume(n.text("order_used_flow"), kilobyte),
		UsedRate:     n.text("flow_use_rate"),
		Ordered:      parseTime(n.text("order_date")),
		Active:       parseTime(n.text("active_date")),
		Expire:       parseTime(n.text("expire_date")),
		Profiles:     profilesFrom(n),
		Refuelling:   refuellingFrom(n),
		HasTestFlow:  n.text("hasTestFlow"),
		FlowPlus:     n.text("isFlowPlus"),
	}
}

func profilesFrom(order *node) []Profile {
	var list []Profile
	rows, _ := order.children("profileList")
	for _, p := range rows {
		list = append(list, Profile{ICCID: p.text("iccid"), IMSI: p.text("imsi"), MSISDN: filler(p.text("msisdn"))})
	}
	return list
}

func refuellingFrom(order *node) []Refuelling {
	var list []Refuelling
	rows, _ := order.children("refueling_package_list")
	for _, r := range rows {
		list = append(list, Refuelling{
			ID:        r.text("ref_orderId"),
			Status:    r.text("refpackage_status"),
			Allowance: parseVolume(r.text("refpackage_flow"), megabyte),
			Ordered:   parseTime(r.text("refpackage_order_date")),
		})
	}
	return list
}
