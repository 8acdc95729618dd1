package cmpsim

import (
	"fmt"
	"slices"
	"strconv"
)

// orderAnswer is the data node of queryOrder.
type orderAnswer struct {
	Page            pageNode    `json:"page"`
	Sign            string      `json:"sign"`
	PackageOrder    []orderNode `json:"package_order"`
	PackageOrderNum int         `json:"package_order_num"`
}

// orderNode is one order of queryOrder, keys as printed.
type orderNode struct {
	BuyType       string       `json:"buyType"`
	ExpireDate    string       `json:"expireDate"`
	Flow          string       `json:"flow"`
	OrderCode     string       `json:"orderCode"`
	OrderStatus   string       `json:"orderStatus"`
	OrderDate     string       `json:"orderDate"`
	OrderPeriod   string       `json:"orderPeriod"`
	PackageCode   string       `json:"packageCode"`
	PackageName   string       `json:"packageName"`
	PackageType   *string      `json:"packageType"`
	UsedFlow      string       `json:"usedFlow"`
	FlowUseRate   *string      `json:"flowUseRate"`
	OrderUsedFlow string       `json:"orderUsedFlow"`
	SupplierCode  *string      `json:"supplierCode"`
	Refuelling    []Refuelling `json:"refuelingPackageList"`
	HasTestFlow   *string      `json:"hasTestFlow"`
	ProfileList   []Profile    `json:"profileList"`
	IsFlowPlus    *string      `json:"isFlowPlus"`
	DeviceID      string       `json:"deviceId"`
	DeviceIDSnake string       `json:"device_id"`
	ActiveDate    string       `json:"activeDate"`
	MainICCID     *string      `json:"main_iccid"`
}

// orderFilter is what queryOrder asks for; empty fields ask nothing.
type orderFilter struct{ device, order, status string }

// keeps judges an order of a device that was found by the filter's device.
func (f orderFilter) keeps(o *Order) bool {
	return (f.order == "" || o.ID == f.order) && (f.status == "" || o.Status == f.status)
}

// queryOrder answers section "Query package order". The device matches in
// part, as the document warns.
func (s *Sim) queryOrder(p params) (any, bool, *refusal) {
	no, size, err := p.page(s.opts.PageCap)
	if err != nil {
		return nil, false, err
	}
	f := orderFilter{device: p.text("device_id"), order: p.text("order_id"), status: p.text("order_status")}
	known := []string{"", StatusWaiting, StatusInUse, StatusEnded, StatusSuspended}
	if !slices.Contains(known, f.status) {
		return nil, false, refuse(codeBadValue, "order_status")
	}
	page, _, _ := pageOf(no, size, s.fleet.countOrders(f))
	rows := []orderNode{}
	for o := range s.fleet.orders(f, (no-1)*size, size) {
		rows = append(rows, orderNodeOf(o, compactLayout))
	}
	sign := echoSign(fmt.Sprint(f, no, size))
	return orderAnswer{Page: page, Sign: sign, PackageOrder: rows, PackageOrderNum: len(rows)}, false, nil
}

// orderNodeOf prints an order. The layout of orderDate is the caller's, since
// the samples print it in two forms.
func orderNodeOf(o *Order, layout string) orderNode {
	return orderNode{
		BuyType: o.BuyType, ExpireDate: formatTime(o.Expire, dateLayout), Flow: strconv.FormatInt(o.FlowMB, 10),
		OrderCode: o.ID, OrderStatus: o.Status, OrderDate: formatTime(o.Ordered, layout),
		OrderPeriod: strconv.Itoa(o.Period), PackageCode: o.PackageCode, PackageName: o.PackageName,
		PackageType: orNull(o.PackageType), UsedFlow: strconv.FormatInt(o.UsedKB, 10), FlowUseRate: o.useRate(),
		OrderUsedFlow: strconv.FormatInt(o.TotalKB, 10), Refuelling: append([]Refuelling{}, o.Refuelling...),
		HasTestFlow: ptr(flag01(o.TestFlow)), DeviceID: o.DeviceID, DeviceIDSnake: o.DeviceID,
		ActiveDate: formatTime(o.Active, dateLayout),
	}
}

// useRate is null before the order was ever active and "0.00%" without a quota.
func (o *Order) useRate() *string {
	if o.Active.IsZero() {
		return nil
	}
	if o.FlowMB == 0 {
		return ptr("0.00%")
	}
	return ptr(fmt.Sprintf("%.2f%%", float64(o.UsedKB)*100/float64(o.FlowMB*1024)))
}

func ptr(s string) *string { return &s }
