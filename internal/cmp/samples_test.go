package cmp

import (
	"net/http"
	"reflect"
	"testing"
	"time"
)

func at(y int, m time.Month, d, h, min, s int) time.Time {
	return time.Date(y, m, d, h, min, s, 0, Zone)
}

func day(y int, m time.Month, d int, raw string) Time {
	return Time{At: at(y, m, d, 0, 0, 0), DateOnly: true, Raw: raw}
}

// printed is a client whose CMP answers with the document's sample.
func printed(t *testing.T, name string) *Client {
	t.Helper()
	return client(t, serve(t, says(http.StatusOK, string(sample(t, name+".response")))).URL)
}

// same compares whole values, so that a member read wrongly shows wherever it is.
func same(t *testing.T, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
}

func TestSampleQueryDevice(t *testing.T) {
	t.Parallel()
	got, err := printed(t, "queryDevice").Device(t.Context(), testDevice)
	if err != nil {
		t.Fatal(err)
	}
	order := Order{
		ID: "ORDER_1727992973356523520", DeviceID: testDevice, PackageName: "C_K_D_000016_P_S_日本30GB不限速月套餐(UR)",
		PackageCode: "LP14231124004197", PackageType: "2", BuyType: "2", Period: "6", Status: StatusInUse,
		Allowance: Volume{30720 * 1048576, true}, Used: Volume{0, true}, OrderUsed: Volume{19397607 * 1024, true}, UsedRate: "0.00%",
		Ordered: Time{At: at(2023, 11, 24, 18, 10, 4), Raw: "2023-11-24 18:10:04"},
		Active:  day(2023, 11, 24, "20231124"), Expire: day(2024, 5, 31, "20240531"),
		Profiles: []Profile{{ICCID: testDevice, IMSI: "440039980621656"}}, // FFFFFFFFFF is no number
	}
	same(t, got, Device{
		ID: testDevice, Lifecycle: LifecycleUsage, LifecycleStart: day(2023, 11, 24, "20231124"), LifecycleEnd: day(2024, 5, 31, "20240531"),
		SilentMonths: "6", ShutdownMonths: "2", OTA: "2", BIP: "2", MultiIMSI: "0", Orders: []Order{order},
	})
	current, ok := got.Current()
	if p, known := current.UsedPercent(); !ok || p != 0 || !known {
		t.Errorf("current order %v, used %d %% (%v)", ok, p, known)
	}
}

func TestSampleQueryBatchDevice(t *testing.T) {
	t.Parallel()
	got, err := printed(t, "queryBatchDevice").Devices(t.Context(), 91, 2)
	if err != nil {
		t.Fatal(err)
	}
	device := func(id, order, imsi, msisdn, raw string, ordered time.Time) Device {
		return Device{
			ID: id, PartnerCode: "CN00000581", Lifecycle: LifecycleUsage, OTA: "2", BIP: "2", MultiIMSI: "0", SilentMonths: "6", ShutdownMonths: "12",
			LifecycleStart: day(2024, 7, 17, "20240717"), LifecycleEnd: day(2054, 7, 31, "20540731"),
			Orders: []Order{{
				ID: order, DeviceID: id, PackageName: "C_M_D_00001032_P_S_3APNs_澳大利亚10GB不限速月套餐", PackageCode: "LP14240611004444", PackageType: "2",
				BuyType: "2", Period: "360", SupplierCode: "SP000040", IMSI: imsi, MSISDN: msisdn, MainICCID: id, Status: StatusInUse,
				Allowance: Volume{0, true}, Used: Volume{0, true}, OrderUsed: Volume{0, true}, UsedRate: "0.00%",
				Ordered: Time{At: ordered, Raw: raw}, Active: day(2024, 7, 17, "20240717"), Expire: day(2054, 7, 31, "20540731"),
			}},
		}
	}
	same(t, got, DevicePage{Page: 91, Size: 2, Total: 183, Pages: 92, Devices: []Device{
		device("8961026924500530387", "ORDER_1813405637569282048", "505026900144514", "61482271037", "2024-07-17 10:49:30", at(2024, 7, 17, 10, 49, 30)),
		device("8961026924500530395", "ORDER_1813405643328061440", "505026900144515", "61482271038", "2024-07-17 10:49:31", at(2024, 7, 17, 10, 49, 31)),
	}})
	if p, known := got.Devices[0].Orders[0].UsedPercent(); known {
		t.Errorf("an allowance of 0 is %d %% used", p)
	}
}

func TestSampleQueryOrder(t *testing.T) {
	t.Parallel()
	got, err := printed(t, "queryOrder").Orders(t.Context(), OrderQuery{Page: 1, Size: 3})
	if err != nil {
		t.Fatal(err)
	}
	order := func(id, raw string, ordered time.Time) Order {
		return Order{
			ID: id, DeviceID: "89852202110293091394", PackageName: "(en-us)全覆盖国家10M不限速两年Package", PackageCode: "DP20210322004206",
			BuyType: "2", Period: "30", Status: StatusNotEnabled, Allowance: Volume{10 * 1048576, true}, Used: Volume{0, true}, OrderUsed: Volume{0, true},
			Ordered: Time{At: ordered, Raw: raw}, HasTestFlow: "0",
		}
	}
	same(t, got, OrderPage{Page: 1, Size: 3, Total: 191, Pages: 64, Orders: []Order{
		order("ORDER_1595320587633311744", "20221123153722", at(2022, 11, 23, 15, 37, 22)),
		order("ORDER_1595322932949696512", "20221123154641", at(2022, 11, 23, 15, 46, 41)),
		order("ORDER_1595323285963292672", "20221123154805", at(2022, 11, 23, 15, 48, 5)),
	}})
	for _, o := range got.Orders {
		if !o.Active.IsZero() || !o.Expire.IsZero() {
			t.Errorf("%s: an empty date is %+v, %+v", o.ID, o.Active, o.Expire)
		}
	}
}

func TestSampleOpenPackage(t *testing.T) {
	t.Parallel()
	got, err := printed(t, "openPackage").OpenPackage(t.Context(), "202107061625560742397")
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, Opened{
		Start:  Time{At: at(2022, 1, 27, 11, 23, 43), Raw: "2022-01-27 11:23:43"},
		Expire: Time{At: at(2023, 11, 27, 23, 59, 59), Raw: "2023-11-27 23:59:59"},
	})
	_, err = printed(t, "openPackage").OpenPackage(t.Context(), testOrder)
	if e := failure(t, err); e.Kind != Unknown {
		t.Errorf("a success about another order: %v", e)
	}
}

// The other four answer with data null, which is a success all the same.
func TestSamplesOfOtherChanges(t *testing.T) {
	t.Parallel()
	for _, d := range deeds(testOrder)[1:] {
		if err := d.do(t.Context(), printed(t, d.name)); err != nil {
			t.Errorf("%s: %v", d.name, err)
		}
	}
}

// The document has no sample of a refuelling, only its table.
func TestRefuelling(t *testing.T) {
	t.Parallel()
	o := orderFrom(object(t, `{"order_code":"202107061625560742397","refueling_package_list":[
		{"ref_orderId":"202107061625560742398","refpackage_flow":"512","refpackage_order_date":"2023-11-24 18:10:04","refpackage_status":"2"},
		{"refOrderId":1,"refpackageFlow":0.5,"refpackageOrderDate":null,"refpackageStatus":4}]}`))
	same(t, o.Refuelling, []Refuelling{
		{ID: "202107061625560742398", Status: "2", Allowance: Volume{512 << 20, true}, Ordered: Time{At: at(2023, 11, 24, 18, 10, 4), Raw: "2023-11-24 18:10:04"}},
		{ID: "1", Status: "4", Allowance: Volume{512 << 10, true}},
	})
	for _, raw := range []string{`{}`, `{"refuelingPackageList":[]}`, `{"refuelingPackageList":null}`, `{"refuelingPackageList":"<list/>"}`} {
		if o := orderFrom(object(t, raw)); o.Refuelling != nil {
			t.Errorf("%s: %+v", raw, o.Refuelling)
		}
	}
}
