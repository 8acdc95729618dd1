package templates

import "cmpconsole/web/templates/ui"

// PurchaseForm is where a package is ordered for devices: the form, then what it would do, then what it did.
type PurchaseForm struct {
	CSRF             string
	Packages, Open   []Option
	Devices, Periods string
	TestFlow, Reason string
	PackageError     string
	DevicesError     string
	PeriodsError     string
	TestFlowError    string
	ReasonError      string
	AsOf             ui.Moment // of the catalogue
	Preview          *PurchasePreview
	Results          *PurchaseResults
}

// PurchasePreview is each device with what speaks against ordering for it.
type PurchasePreview struct {
	Batch, CSRF string
	Doubled     string // the ids that were pasted more than once
	Package     []Fact
	Rows        []PurchaseCheck
	Title       string // how many devices, and the sum
	Note        string
	BackHref    string
	AsOf        ui.Moment // of the catalogue, and so of the price
}

// PurchaseCheck is a device before it is ordered for. Tone is good, warn or bad; a bad one is left out.
type PurchaseCheck struct {
	ID, Href string
	Badge    ui.Badge
	Text     string
}

// PurchaseResults is what became of each device's order.
type PurchaseResults struct {
	Watch   *Watch
	Notice  Notice
	Meter   *ui.Meter // how far it is, while orders are being placed
	Package string
	Rows    []PurchaseResult
	NewHref string
}

// PurchaseResult is one device's order.
type PurchaseResult struct {
	DeviceID, DeviceHref, OrderID, OrderHref string
	Outcome                                  ui.Badge
	Text, AuditHref                          string
}
