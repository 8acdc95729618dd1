package cmp

import (
	"context"
	"strconv"
	"strings"
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

// DevicePage is one page of the device list. Total and Pages are what the CMP claims.
type DevicePage struct {
	Devices                  []Device
	Page, Size, Total, Pages int
}

// Device reads one device (API document, "Query device information"). Volumes come in bytes, periods in months,
// times in the zone UTC+8 unless the CMP names another. It fails with NotFound when the CMP answers without a
// device, and with Unknown when it answers with another one; a refusal in words is Rejected.
func (c *Client) Device(ctx context.Context, id string) (Device, error) {
	if !ValidID(id) {
		return Device{}, notFound(CallDevice, errNoDeviceID)
	}
	n, err := c.read(ctx, CallDevice, struct {
		DeviceID  string `json:"device_id"`
		Timestamp string `json:"timestamp"`
	}{id, strconv.FormatInt(c.now().UnixMilli(), 10)})
	if err != nil {
		return Device{}, err
	}
	d, err := deviceFrom(n, id)
	if err != nil {
		return Device{}, unusable(CallDevice, err)
	}
	if d.ID == "" {
		return Device{}, notFound(CallDevice, errNoDevice)
	}
	if !strings.EqualFold(d.ID, id) {
		return Device{}, unusable(CallDevice, errOtherDevice)
	}
	c.expectDevice(CallDevice, d)
	return d, nil
}

// Devices reads one page of all devices, in the CMP's order and counted from 1 (API document, "Batch query
// device information"). Units are those of Device; an answer without devices is an empty page.
func (c *Client) Devices(ctx context.Context, page, size int) (DevicePage, error) {
	const op = "device/queryBatchDevice"
	n, err := c.read(ctx, op, paging{page, size})
	if err != nil {
		return DevicePage{}, err
	}
	rows, err := n.children("device")
	if err != nil {
		return DevicePage{}, unusable(op, err)
	}
	p := DevicePage{Page: page}
	for _, row := range rows {
		d, err := deviceFrom(row, "")
		if err != nil {
			return DevicePage{}, unusable(op, err)
		}
		c.expectDevice(op, d)
		p.Devices = append(p.Devices, d)
	}
	p.Size, p.Total, p.Pages = n.totals(size, len(rows))
	return p, nil
}

type paging struct {
	PageNo   int `json:"page_no"`
	PageSize int `json:"page_size"`
}

// totals reads the page node. A CMP that serves smaller pages than asked says so in it; without a page node,
// what is here is all there is.
func (n *node) totals(asked, here int) (size, total, pages int) {
	page := n.child("page")
	if page == nil {
		return asked, here, 1
	}
	size = asked
	if s := page.count("page_size"); s > 0 && s < asked {
		size = s
	}
	return size, page.count("total_count"), page.count("total_pages")
}

// deviceFrom reads a device node. The id that was asked for stands in for one that the answer leaves out.
func deviceFrom(n *node, asked string) (Device, error) {
	d := Device{
		ID: n.text("device_id", "asset_id"), Lifecycle: Lifecycle(n.text("lifecycle")),
		LifecycleStart: parseTime(n.text("lifecycle_start_time")), LifecycleEnd: parseTime(n.text("lifecycle_end_time")),
		SilentMonths: n.text("lifecycle_slient_period", "lifecycle_silent_period"), ShutdownMonths: n.text("lifecycle_shutdown_period"),
		OTA: Flag(n.text("ota_flag")), BIP: Flag(n.text("bip_flag")), MultiIMSI: Flag(n.text("multiImsi_flag")),
		PartnerName: n.text("partnerName"), PartnerCode: n.text("partnerCode"), MSISDN: filler(n.text("msisdn")),
		MainICCID: n.text("main_iccid"), TaskNo: n.text("task_no"),
	}
	if d.ID == "" && d.Lifecycle != "" {
		d.ID = asked
	}
	orders, err := n.children("package_order")
	if err != nil {
		return Device{}, err
	}
	for _, o := range orders {
		order := orderFrom(o)
		if order.DeviceID == "" {
			order.DeviceID = d.ID
		}
		d.Orders = append(d.Orders, order)
	}
	return d, nil
}
