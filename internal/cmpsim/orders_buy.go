package cmpsim

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// boughtNode is what batchOrderPackages answers for one device, keys as printed.
type boughtNode struct {
	Error      string  `json:"error"`
	ErrorMsg   string  `json:"errorMsg"`
	OrderID    *string `json:"order_id"`
	DeviceID   string  `json:"device_id"`
	StartDate  *string `json:"order_start_date"`
	ExpireDate *string `json:"order_expire_date"`
}

type boughtAnswer struct {
	DeviceOrder []boughtNode `json:"device_order"`
}

// purchase is what a caller wants to order, the same for every device.
type purchase struct {
	offer
	period int
	open   bool
	test   bool
}

// batchOrderPackages answers section "Bulk Order Package". What is wrong with
// the request refuses it whole; what is wrong with a device refuses its order.
func (s *Sim) batchOrderPackages(p params) (any, bool, *refusal) {
	ids, err := p.devices()
	if err != nil {
		return nil, false, err
	}
	want, err := p.purchase()
	if err != nil {
		return nil, false, err
	}
	rows := make([]boughtNode, 0, len(ids))
	bought := false
	for _, id := range ids {
		n := s.buy(id, want)
		bought = bought || n.OrderID != nil
		rows = append(rows, n)
	}
	s.save("orders")
	return boughtAnswer{DeviceOrder: rows}, bought, nil
}

// devices reads deviceList, whose nodes are texts in the sample and objects
// with a device_id in the table.
func (p params) devices() ([]string, *refusal) {
	var nodes []json.RawMessage
	if json.Unmarshal(p["deviceList"], &nodes) != nil || len(nodes) == 0 {
		return nil, refuse(codeMissing, "deviceList")
	}
	ids := make([]string, 0, len(nodes))
	for _, n := range nodes {
		inner := params{}
		if json.Unmarshal(n, &inner) != nil {
			inner = params{"device_id": n}
		}
		id, err := inner.need("device_id")
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// purchase reads all the rest, every field of which the document requires.
func (p params) purchase() (purchase, *refusal) {
	for _, name := range []string{"package_code", "package_name", "package_type", "order_period", "pay_amount"} {
		if _, err := p.need(name); err != nil {
			return purchase{}, err
		}
	}
	flags := map[string]string{}
	for name, values := range map[string][]string{
		"global_order": {"0", "1"}, "is_open": {"0", "1"}, "pay_rst": {"1", "2"}, "pay_type": {"0", "1", "2"}, "test_flow_flag": {"0", "1"},
	} {
		v, err := p.oneOf(name, values...)
		if err != nil {
			return purchase{}, err
		}
		flags[name] = v
	}
	w := purchase{open: flags["is_open"] == "1", test: flags["test_flow_flag"] == "1"}
	if w.open && flags["pay_rst"] != "2" {
		return w, refuse(codeUnpaid)
	}
	if w.test && p.text("test_flow") == "" {
		return w, refuse(codeMissing, "test_flow")
	}
	return w, w.choose(p)
}

// choose finds the package and checks what was said of it.
func (w *purchase) choose(p params) *refusal {
	found, ok := offerOf(p.text("package_code"))
	if !ok || found.name != p.text("package_name") || found.kind != p.text("package_type") {
		return refuse(codePackage, p.text("package_code"))
	}
	period, err := strconv.Atoi(p.text("order_period"))
	switch {
	case found.obsolete:
		return refuse(codeObsolete, found.code)
	case err != nil:
		return refuse(codeBadValue, "order_period")
	case !found.allows(period):
		lowest, highest := found.bounds()
		return refuse(codePeriod, found.code, lowest, highest)
	}
	w.offer, w.period = found, period
	return nil
}

// buy orders for one device, or says why not.
func (s *Sim) buy(id string, w purchase) boughtNode {
	d, ok := s.fleet.device(id)
	if !ok {
		return refusedNode(id, refuse(codeNoDevice, id))
	}
	second := d.OTA && len(d.Orders) > 0
	switch {
	case w.test && len(d.Orders) > 0:
		return refusedNode(id, refuse(codeTestFlow, id))
	case w.open && second:
		return refusedNode(id, refuse(codeSecondary, id))
	case w.open && d.withStatus(StatusInUse) != nil:
		return refusedNode(id, refuse(codeAlreadyInUse, id))
	}
	o := s.fleet.buy(d, Order{
		ID: fmt.Sprintf("ORDER_%d", 1_960_000_000_000_000_000+scatter(uint64(len(s.saved.Bought)), s.opts.Seed)/100), DeviceID: id, Status: StatusWaiting,
		PackageName: w.name, PackageCode: w.code, PackageType: w.kind, BuyType: w.buy, Period: w.period, FlowMB: w.flowMB,
		Secondary: second, TestFlow: w.test, Ordered: s.opts.Now(),
	})
	s.saved.Bought = append(s.saved.Bought, *o)
	n := boughtNode{Error: codeSuccess, ErrorMsg: "success", OrderID: &o.ID, DeviceID: id}
	if w.open && s.change(ActionOpen, d, o) == nil {
		s.note(d, o)
		n.StartDate, n.ExpireDate = orNull(formatTime(o.Active, dateLayout)), orNull(formatTime(o.Expire, dateLayout))
	}
	return n
}

func refusedNode(id string, why *refusal) boughtNode {
	return boughtNode{Error: why.code, ErrorMsg: why.text(false), DeviceID: id}
}
