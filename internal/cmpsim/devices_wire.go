package cmpsim

import "strconv"

// deviceAnswer is the data node of queryDevice, keys as printed. Without an
// activated order package_order is left out.
type deviceAnswer struct {
	DeviceID       string       `json:"device_id"`
	OTAFlag        string       `json:"ota_flag"`
	BIPFlag        string       `json:"bip_flag"`
	MultiIMSIFlag  string       `json:"multiImsi_flag"`
	Lifecycle      string       `json:"lifecycle"`
	LifecycleStart string       `json:"lifecycle_start_time"`
	LifecycleEnd   string       `json:"lifecycle_end_time"`
	SilentPeriod   string       `json:"lifecycle_slient_period"`
	ShutdownPeriod string       `json:"lifecycle_shutdown_period"`
	PackageOrder   *deviceOrder `json:"package_order,omitempty"`
}

// deviceOrder is the order inside queryDevice.
type deviceOrder struct {
	OrderCode     string    `json:"orderCode"`
	PackageName   string    `json:"packageName"`
	PackageCode   string    `json:"packageCode"`
	PackageType   *string   `json:"packageType"`
	BuyType       string    `json:"buyType"`
	OrderPeriod   string    `json:"orderPeriod"`
	Flow          string    `json:"flow"`
	UsedFlow      string    `json:"usedFlow"`
	FlowUseRate   *string   `json:"flowUseRate"`
	OrderUsedFlow string    `json:"orderUsedFlow"`
	OrderDate     string    `json:"orderDate"`
	ActiveDate    string    `json:"activeDate"`
	ExpireDate    string    `json:"expireDate"`
	OrderStatus   string    `json:"orderStatus"`
	ProfileList   []Profile `json:"profileList"`
}

// batchAnswer is the data node of queryBatchDevice.
type batchAnswer struct {
	Device    []batchNode `json:"device"`
	Page      pageNode    `json:"page"`
	DeviceNum int         `json:"device_num"`
}

// batchNode is one device of the batch; package_order is null without an
// activated order.
type batchNode struct {
	PartnerName    *string     `json:"partnerName"`
	PartnerCode    string      `json:"partnerCode"`
	Lifecycle      string      `json:"lifecycle"`
	MSISDN         *string     `json:"msisdn"`
	DeviceID       string      `json:"device_id"`
	OTAFlag        string      `json:"ota_flag"`
	BIPFlag        string      `json:"bip_flag"`
	LifecycleStart string      `json:"lifecycle_start_time"`
	LifecycleEnd   string      `json:"lifecycle_end_time"`
	ShutdownPeriod string      `json:"lifecycle_shutdown_period"`
	SilentPeriod   string      `json:"lifecycle_slient_period"`
	TaskNo         *string     `json:"task_no"`
	MainICCID      *string     `json:"main_iccid"`
	MultiIMSIFlag  string      `json:"multiImsi_flag"`
	PackageOrder   *batchOrder `json:"package_order"`
}

// batchOrder is the order inside queryBatchDevice: that of queryOrder, led by
// the card's numbers.
type batchOrder struct {
	IMSI   string `json:"imsi"`
	MSISDN string `json:"msisdn"`
	orderNode
}

func deviceNode(d *Device) deviceAnswer {
	return deviceAnswer{
		DeviceID: d.ID, OTAFlag: flag12(d.OTA), BIPFlag: flag12(d.BIP), MultiIMSIFlag: flag01(d.MultiIMSI()),
		Lifecycle:      d.Lifecycle,
		LifecycleStart: formatTime(d.LifecycleStart, dateLayout), LifecycleEnd: formatTime(d.LifecycleEnd, dateLayout),
		SilentPeriod: strconv.Itoa(d.SilentMonths), ShutdownPeriod: strconv.Itoa(d.ShutdownMonths),
		PackageOrder: deviceOrderOf(d, d.current()),
	}
}

func deviceOrderOf(d *Device, o *Order) *deviceOrder {
	if o == nil {
		return nil
	}
	n := orderNodeOf(o, spacedLayout)
	return &deviceOrder{
		OrderCode: n.OrderCode, PackageName: n.PackageName, PackageCode: n.PackageCode, PackageType: n.PackageType,
		BuyType: n.BuyType, OrderPeriod: n.OrderPeriod, Flow: n.Flow, UsedFlow: n.UsedFlow, FlowUseRate: n.FlowUseRate,
		OrderUsedFlow: n.OrderUsedFlow, OrderDate: n.OrderDate, ActiveDate: n.ActiveDate, ExpireDate: n.ExpireDate,
		OrderStatus: n.OrderStatus, ProfileList: d.Profiles,
	}
}

func batchNodeOf(d *Device) batchNode {
	return batchNode{
		PartnerName: orNull(d.PartnerName), PartnerCode: d.PartnerCode, Lifecycle: d.Lifecycle, MSISDN: orNull(d.MSISDN),
		DeviceID: d.ID, OTAFlag: flag12(d.OTA), BIPFlag: flag12(d.BIP), MultiIMSIFlag: flag01(d.MultiIMSI()),
		LifecycleStart: formatTime(d.LifecycleStart, dateLayout), LifecycleEnd: formatTime(d.LifecycleEnd, dateLayout),
		SilentPeriod: strconv.Itoa(d.SilentMonths), ShutdownPeriod: strconv.Itoa(d.ShutdownMonths),
		TaskNo: orNull(d.TaskNo), MainICCID: orNull(d.MainICCID), PackageOrder: batchOrderOf(d, d.current()),
	}
}

func batchOrderOf(d *Device, o *Order) *batchOrder {
	if o == nil {
		return nil
	}
	n := orderNodeOf(o, spacedLayout)
	n.HasTestFlow = nil
	n.SupplierCode = orNull(o.Supplier)
	n.MainICCID = &d.ID
	return &batchOrder{IMSI: d.Profiles[0].IMSI, MSISDN: d.Profiles[0].MSISDN, orderNode: n}
}

// flag12 is the document's flag of 1 for yes and 2 for no.
func flag12(yes bool) string {
	if yes {
		return "1"
	}
	return "2"
}

// flag01 is its flag of 1 for yes and 0 for no.
func flag01(yes bool) string {
	if yes {
		return "1"
	}
	return "0"
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
