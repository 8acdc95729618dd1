package cmp

import (
	"context"
	"regexp"
)

// Binding asks to tie a card to one piece of hardware, or to let it go.
type Binding struct {
	DeviceID string
	IMEI     string // 15 digits, or 16 of an IMEISV
	Unbind   bool
	OTA      bool // whether the card is an OTA one, as Device tells
	AutoBind bool // bind at the first use of the network
}

var imei = regexp.MustCompile(`^[0-9]{15,16}$`)

// ValidIMEI tells whether a text can be an IMEI or IMEISV. The check digit is not looked at: the CMP takes any.
func ValidIMEI(s string) bool { return imei.MatchString(s) }

// BindIMEI ties a card to an IMEI, or unties it (API document, "Bind the device via IMEI (Beta)"), which not every
// card takes part in. Sent at most once; the error's Kind says what is certain.
func (c *Client) BindIMEI(ctx context.Context, b Binding) error {
	const op = "device/bind"
	switch {
	case !ValidID(b.DeviceID):
		return refused(op, errNoDeviceID)
	case !ValidIMEI(b.IMEI):
		return refused(op, errNoIMEI)
	}
	verb := "1"
	if b.Unbind {
		verb = "2"
	}
	_, err := c.change(ctx, op, struct {
		DeviceID string `json:"device_id"`
		IMEI     string `json:"imei"`
		Verb     string `json:"oper_type"`
		OTA      string `json:"ota_flag"`
		AutoBind string `json:"auto_bind_flag"`
	}{b.DeviceID, b.IMEI, verb, oneOrTwo(b.OTA), oneOrTwo(b.AutoBind)})
	return err
}

// oneOrTwo is the document's flag of 1 for yes and 2 for no.
func oneOrTwo(yes bool) string {
	if yes {
		return "1"
	}
	return "2"
}

// BindingTrack is one step of a card's binding history.
type BindingTrack struct {
	ICCID, IMEI string
	Text        string // what happened, in the CMP's language
	User        string // often not given
	At          Time   // the document states no zone; UTC+8 is assumed
}

// Bindings reads a card's binding history in the CMP's order (API document, "Get Binding History (Beta)").
func (c *Client) Bindings(ctx context.Context, deviceID string) ([]BindingTrack, error) {
	const op = "device/getBindTrackList"
	if !ValidID(deviceID) {
		return nil, notFound(op, errNoDeviceID)
	}
	data, err := c.ask(ctx, op, struct {
		DeviceID string `json:"device_id"`
	}{deviceID})
	if err != nil {
		return nil, err
	}
	rows, err := objects(data, "data")
	if err != nil {
		return nil, unusable(op, err)
	}
	var tracks []BindingTrack
	for _, n := range rows {
		tracks = append(tracks, BindingTrack{
			ICCID: n.text("iccid"), IMEI: n.text("imei"), Text: bounded(n.text("track"), maxMessage), User: n.text("oper_user"), At: parseTime(n.text("create_time")),
		})
	}
	return tracks, nil
}

// The CMP's words for the steps of a binding. Others may exist; they are taken for bindings, as the document has
// only one, and shown as they come.
var unbound = map[string]bool{"机卡解绑": true, "机卡解绑定": true, "解绑": true}

// Unbinds tells that the step let the hardware go.
func (t BindingTrack) Unbinds() bool { return unbound[t.Text] }

// BoundIMEI is the IMEI that a card is bound to by its newest step, empty when it is bound to none.
func BoundIMEI(tracks []BindingTrack) string {
	newest := BindingTrack{}
	for i, t := range tracks {
		if i == 0 || t.At.At.After(newest.At.At) {
			newest = t
		}
	}
	if newest.Unbinds() {
		return ""
	}
	return newest.IMEI
}
