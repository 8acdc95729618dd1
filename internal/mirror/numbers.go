package mirror

import (
	"strings"

	"cmpconsole/internal/cmp"
)

// Kind says which of a device's numbers one is.
type Kind string

// The kinds of numbers.
const (
	KindDevice Kind = "device"
	KindICCID  Kind = "iccid"
	KindIMSI   Kind = "imsi"
	KindMSISDN Kind = "msisdn"
	KindIMEI   Kind = "imei"
	KindOrder  Kind = "order"
)

// number is one of a device's numbers.
type number struct {
	kind  Kind
	value string
}

// numbers are all those of a device, each value once, the device id first.
func (d Device) numbers() []number {
	list := []number{{KindDevice, d.ID}}
	add := func(kind Kind, value string) {
		if value == "" {
			return
		}
		for _, n := range list {
			if n.value == value {
				return
			}
		}
		list = append(list, number{kind, value})
	}
	add(KindICCID, d.MainICCID)
	profiles := d.Profiles
	for _, o := range d.Orders {
		profiles = append(profiles, cmp.Profile{ICCID: o.MainICCID, IMSI: o.IMSI, MSISDN: o.MSISDN})
	}
	for _, p := range profiles {
		add(KindICCID, p.ICCID)
		add(KindIMSI, p.IMSI)
		add(KindMSISDN, msisdn(p.MSISDN))
	}
	add(KindMSISDN, msisdn(d.MSISDN))
	add(KindIMEI, d.IMEI)
	for _, o := range d.Orders {
		add(KindOrder, o.ID)
	}
	return list
}

// msisdn takes the plus out of a number.
func msisdn(text string) string { return strings.TrimPrefix(text, "+") }

// folded is the form in which values are compared: case does not matter.
func folded(value string) string { return strings.ToUpper(value) }

// listed tells whether a number needs its place in the table: device ids of digits are found by their own index.
func (n number) listed() bool { return n.kind != KindDevice || !allDigits(n.value) }

// looked are the letters and digits by which a number is found in part: of an order code the digits.
func (n number) looked() string {
	if n.kind != KindOrder {
		return folded(n.value)
	}
	return strings.TrimLeft(folded(n.value), "ABCDEFGHIJKLMNOPQRSTUVWXYZ_-")
}
