package cmp

import (
	"context"
	"strconv"
)

// Lifecycle is the stage of a device. Values that the document does not name survive.
type Lifecycle string

// The stages (API document, "Query device information", lifecycle).
const (
	LifecycleInventory Lifecycle = "0"
	LifecycleSilent    Lifecycle = "1"
	LifecycleUsage     Lifecycle = "2"
	LifecycleSuspended Lifecycle = "3" // a stage of the device; not to be confused with a suspended order
	LifecycleDisposal  Lifecycle = "4"
	LifecycleInternal  Lifecycle = "5"
)

// Device is one SIM card.
type Device struct {
	ID                           string
	Lifecycle                    Lifecycle
	LifecycleStart, LifecycleEnd Time
	SilentMonths, ShutdownMonths string // lengths of the silent and the suspended-service period
	OTA, BIP, MultiIMSI          Flag
	PartnerName, PartnerCode     string
	MSISDN, MainICCID, TaskNo    string
	Orders                       []Order // activated ones only: the CMP leaves waiting orders out
}

// Current returns the order that the device runs on: the one in use, else the suspended one, else the first.
func (d Device) Current() (Order, bool) {
	for _, want := range []OrderStatus{StatusInUse, StatusSuspended} {
		for _, o := range d.Orders {
			if o.Status == want {
				return o, true
			}
		}
	}
	if len(d.Orders) == 0 {
		return Order{}, false
	}
	return d.Orders[0], true
}

// DevicePage is one page of the device list.
type DevicePage struct {
	Devices                  []Device
	Page, Size, Total, Pages int
}

// Device reads one device (API document, "Query device information"). It fails with NotFound when the CMP
// answers without one; a refusal in words is Rejected.
func (c *Client) Device(ctx context.Context, id string) (Device, error) {
	const op = "device/queryDevice"
	if !ValidID(id) {
		return Device{}, &Error{Op: op, Kind: NotFound, Message: "not a device id"}
	}
	body := struct {
		DeviceID  string `json:"device_id"`
		Timestamp string `json:"timestamp"`
	}{id, strconv.FormatInt(c.now().UnixMilli(), 10)}
	var n node
	if err := c.read(ctx, op, body, &n); err != nil {
		return Device{}, err
	}
	d := deviceFrom(n)
	if d.ID == "" && (n == nil || n.text("lifecycle") == "") {
		return Device{}, &Error{Op: op, Kind: NotFound, HTTPStatus: 200, Message: "the answer holds no device"}
	}
	if d.ID == "" {
		d.ID = id
	}
	return d, nil
}

// Devices reads one page of all devices, in the CMP's order (API document, "Batch query device information").
func (c *Client) Devices(ctx context.Context, page, size int) (DevicePage, error) {
	var n node
	if err := c.read(ctx, "device/queryBatchDevice", paging{page, size}, &n); err != nil {
		return DevicePage{}, err
	}
	p := DevicePage{Page: page, Size: size}
	for _, d := range n.children("device") {
		p.Devices = append(p.Devices, deviceFrom(d))
	}
	p.Total, p.Pages = n.totals(len(p.Devices))
	return p, nil
}

type paging struct {
	PageNo   int `json:"page_no"`
	PageSize int `json:"page_size"`
}

// totals reads the page node; without one, what is here is all there is.
func (n node) totals(here int) (total, pages int) {
	page := n.child("page")
	if page == nil {
		return here, 1
	}
	return page.count("total_count"), page.count("total_pages")
}

func deviceFrom(n node) Device {
	d := Device{
		ID: n.text("device_id", "asset_id"), Lifecycle: Lifecycle(n.text("lifecycle")),
		LifecycleStart: parseTime(n.text("lifecycle_start_time")), LifecycleEnd: parseTime(n.text("lifecycle_end_time")),
		SilentMonths: n.text("lifecycle_slient_period", "lifecycle_silent_period"), ShutdownMonths: n.text("lifecycle_shutdown_period"),
		OTA: Flag(n.text("ota_flag")), BIP: Flag(n.text("bip_flag")), MultiIMSI: Flag(n.text("multiImsi_flag")),
		PartnerName: n.text("partnerName"), PartnerCode: n.text("partnerCode"), MSISDN: filler(n.text("msisdn")),
		MainICCID: n.text("main_iccid"), TaskNo: n.text("task_no"),
	}
	for _, o := range n.children("package_order") {
		order := orderFrom(o)
		if order.DeviceID == "" {
			order.DeviceID = d.ID
		}
		d.Orders = append(d.Orders, order)
	}
	return d
}
