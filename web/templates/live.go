package templates

import "cmpconsole/web/templates/ui"

// Live is a device's data session at this moment.
type Live struct {
	Head     DeviceHead
	IMSIs    []Link  // the card's identities; the session is one identity's
	None     *Notice // there is no session, and why
	Facts    []Fact
	Data     []Fact
	Messages []Fact
	Zone     string // what is known of the zone of its times
	Read     ui.Moment
}

// Binding is a device's IMEI: what it is bound to, and how that came.
type Binding struct {
	Head    DeviceHead
	Bound   string        // the IMEI at present; empty when there is none
	Result  *ActionResult // of the newest change
	Do      *Action       // what can be done: bind or unbind
	Missing *Notice       // the CMP does not offer this for the card
	Tracks  []BindingTrack
	Zone    string // what is known of the zone of its times
	Read    ui.Moment
}

// BindingTrack is one step of the history. Original is the CMP's own text, where What is ours.
type BindingTrack struct {
	At             ui.Moment
	What, Original string
	IMEI, Who      string
	Href           string // of our own action in the log
	Note           string // how we know that it was ours, when that is not plain
}

// DeviceSMS is what was sent to and from a device, as the CMP recorded it.
type DeviceSMS struct {
	Head        DeviceHead
	Action      string
	From, Until string
	FromError   string
	UntilError  string
	Asked       bool    // without it there is nothing to tell of messages
	Failed      *Notice // why the CMP gave none, and what it said
	Code, Said  string
	Rows        []SMSRecord // newest first
	Total       int
	NewestHref  string // past the last page: leads back to the first
	Pager       ui.Pager
	Read        ui.Moment
}

// SMSRecord is one message from or to a device. The CMP never gives its text.
type SMSRecord struct {
	At        ui.Moment
	Direction ui.Badge
	Peer      string
	Report    ui.Badge
}
