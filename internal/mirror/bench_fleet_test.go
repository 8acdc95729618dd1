package mirror

import (
	"iter"
	"strconv"
	"testing"
	"time"

	"cmpconsole/internal/cmp"
	"cmpconsole/internal/cmpsim"
)

// sandbox is a fleet as the sandbox CMP has it: cards of ten issuers with running numbers, every stage and status.
func sandbox(tb testing.TB, size int) *cmpsim.Sim {
	tb.Helper()
	sim, err := cmpsim.New(cmpsim.Options{Devices: size, Seed: 7, Now: func() time.Time { return noon }})
	if err != nil {
		tb.Fatal(err)
	}
	return sim
}

// pages are the fleet as queryBatchDevice tells of it, so many devices at a time.
func pages(sim *cmpsim.Sim, size int) iter.Seq[[]cmp.Device] {
	return func(yield func([]cmp.Device) bool) {
		var page []cmp.Device
		for d := range sim.Fleet() {
			if page = append(page, told(d)); len(page) == size {
				if !yield(page) {
					return
				}
				page = nil
			}
		}
		if len(page) > 0 {
			yield(page)
		}
	}
}

// told is a device in the words of the client, without the detour over HTTP.
func told(d cmpsim.Device) cmp.Device {
	out := cmp.Device{
		ID: d.ID, Lifecycle: cmp.Lifecycle(d.Lifecycle), LifecycleStart: date(d.LifecycleStart), LifecycleEnd: date(d.LifecycleEnd),
		SilentMonths: strconv.Itoa(d.SilentMonths), ShutdownMonths: strconv.Itoa(d.ShutdownMonths), OTA: flag(d.OTA), BIP: flag(d.BIP), MultiIMSI: flag(d.MultiIMSI()),
		PartnerCode: d.PartnerCode, PartnerName: d.PartnerName, MSISDN: d.MSISDN, MainICCID: d.MainICCID, TaskNo: d.TaskNo,
	}
	o, ok := d.Current()
	if !ok {
		return out
	}
	kilobytes := func(kb int64) cmp.Volume { return cmp.Volume{Bytes: kb << 10, Known: true} }
	out.Orders = []cmp.Order{{
		ID: o.ID, DeviceID: d.ID, Status: cmp.OrderStatus(o.Status), PackageCode: o.PackageCode, PackageName: o.PackageName, PackageType: o.PackageType, BuyType: o.BuyType,
		Period: strconv.Itoa(o.Period), SupplierCode: o.Supplier, IMSI: d.Profiles[0].IMSI, MSISDN: d.Profiles[0].MSISDN, MainICCID: d.ID,
		Allowance: kilobytes(o.FlowMB << 10), Used: kilobytes(o.UsedKB), OrderUsed: kilobytes(o.TotalKB), UsedRate: "12.34%",
		Ordered: cmp.Time{At: o.Ordered, Raw: o.Ordered.Format(time.DateTime)}, Active: date(o.Active), Expire: date(o.Expire),
	}}
	return out
}

func date(t time.Time) cmp.Time {
	if t.IsZero() {
		return cmp.Time{}
	}
	return cmp.Time{At: t, DateOnly: true, Raw: t.Format("20060102")}
}

func flag(yes bool) cmp.Flag {
	if yes {
		return "1"
	}
	return "2"
}

// spread are so many numbers of devices, over all, one out of each stretch of the same length. Which one is scattered, since cards that follow
// each other have numbers that do: every hundredth of them ends in the same digits.
func spread(last int64, many int64) []int64 {
	var list []int64
	many = min(last, many)
	for i := range many {
		from, to := i*last/many, (i+1)*last/many
		list = append(list, 1+from+i*7919%(to-from))
	}
	return list
}
