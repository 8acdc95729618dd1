package mirror

import (
	"hash/fnv"
	"io"
	"strconv"
	"strings"
	"time"

	"cmpconsole/internal/cmp"
)

// Device is what the mirror knows of a device.
type Device struct {
	cmp.Device               // as the CMP last told it; Orders holds the current order alone, or nothing
	Profiles   []cmp.Profile // every identity known; the CMP's list does not tell them
	IMEI       string        // the bound one, where known
	Labels     []string      // ours
	Read       time.Time     // when the CMP last confirmed it
	Gone       time.Time     // when the CMP no longer knew it; zero while it does

	n    int64
	told int64
}

// rowColumns are those of a device in the order of row.targets; those before profiles are what the CMP's list tells.
const rowColumns = `n, told, borne, id, lifecycle, starts, ends, silent, shutdown, ota, bip, multi, partner, msisdn, main_iccid, task,
	order_id, status, package, package_type, buy_type, period, supplier, order_imsi, order_msisdn, order_iccid,
	allowance, used, order_used, used_rate, ordered, active, expires, profiles, imei, gone`

// row is a device as its table holds it.
type row struct {
	n, told, borne                                            int64
	id, lifecycle                                             string
	starts, ends                                              any
	silent, shutdown, ota, bip, multi                         string
	partner                                                   int64
	msisdn, mainICCID, task                                   string
	orderID, status                                           string
	pack                                                      int64
	packageType, buyType, period, supplier, imsi, phone, card string
	allowance, used, orderUsed                                *int64
	usedRate                                                  string
	ordered, active, expires                                  any
	profiles, imei                                            string
	gone                                                      int64
}

func (r *row) targets() []any {
	return []any{
		&r.n, &r.told, &r.borne, &r.id, &r.lifecycle, &r.starts, &r.ends, &r.silent, &r.shutdown, &r.ota, &r.bip, &r.multi, &r.partner, &r.msisdn, &r.mainICCID, &r.task,
		&r.orderID, &r.status, &r.pack, &r.packageType, &r.buyType, &r.period, &r.supplier, &r.imsi, &r.phone, &r.card,
		&r.allowance, &r.used, &r.orderUsed, &r.usedRate, &r.ordered, &r.active, &r.expires, &r.profiles, &r.imei, &r.gone,
	}
}

// rowOf lays a device out as the CMP told of it. What the CMP's list does not tell is left empty.
func (m *Mirror) rowOf(d cmp.Device) row {
	r := row{
		id: d.ID, lifecycle: string(d.Lifecycle), starts: packTime(d.LifecycleStart), ends: packTime(d.LifecycleEnd), silent: d.SilentMonths, shutdown: d.ShutdownMonths,
		ota: string(d.OTA), bip: string(d.BIP), multi: string(d.MultiIMSI), partner: m.partners.key(d.PartnerCode, d.PartnerName),
		msisdn: d.MSISDN, mainICCID: short(d.MainICCID, d.ID), task: d.TaskNo,
	}
	if o, ok := d.Current(); ok {
		r.orderID, r.status, r.pack = o.ID, string(o.Status), m.packages.key(o.PackageCode, o.PackageName)
		r.packageType, r.buyType, r.period, r.supplier = o.PackageType, o.BuyType, o.Period, o.SupplierCode
		r.imsi, r.phone, r.card, r.usedRate = o.IMSI, o.MSISDN, short(o.MainICCID, d.ID), o.UsedRate
		r.allowance, r.used, r.orderUsed = packVolume(o.Allowance), packVolume(o.Used), packVolume(o.OrderUsed)
		r.ordered, r.active, r.expires = packTime(o.Ordered), packTime(o.Active), packTime(o.Expire)
	}
	r.told, r.borne = r.hash(), r.bearing()
	return r
}

// hash covers what the CMP's list tells, so that a page that tells nothing new writes nothing.
func (r *row) hash() int64 {
	b := make([]byte, 0, 512)
	for _, text := range [...]string{
		r.id, r.lifecycle, r.silent, r.shutdown, r.ota, r.bip, r.multi, r.msisdn, r.mainICCID, r.task, r.orderID, r.status, r.packageType, r.buyType,
		r.period, r.supplier, r.imsi, r.phone, r.card, r.usedRate,
	} {
		b = append(append(b, text...), 0x1f)
	}
	for _, moment := range [...]any{r.starts, r.ends, r.ordered, r.active, r.expires} {
		switch moment := moment.(type) {
		case string:
			b = append(b, moment...)
		case int64:
			b = strconv.AppendInt(b, moment, 10)
		}
		b = append(b, 0x1f)
	}
	for _, number := range [...]*int64{&r.partner, &r.pack, r.allowance, r.used, r.orderUsed} {
		if number != nil {
			b = strconv.AppendInt(b, *number, 10)
		}
		b = append(b, 0x1f)
	}
	h := fnv.New64a()
	_, _ = h.Write(b)
	return int64(h.Sum64())
}

// bears are the columns that hold numbers, those that the CMP's list tells first. A device keeps its id.
func (r *row) bears() [8]string {
	return [...]string{r.mainICCID, r.orderID, r.imsi, r.phone, r.card, r.msisdn, r.profiles, r.imei}
}

const toldNumbers = 6

// bearing covers the numbers that the CMP's list tells, so that a page in which none is new leaves them alone.
func (r *row) bearing() int64 {
	h := fnv.New64a()
	numbers := r.bears()
	for _, number := range numbers[:toldNumbers] {
		_, _ = io.WriteString(h, number+"\x1f")
	}
	return int64(h.Sum64())
}

// values are what is written, in the order of rowColumns but for n.
func (r *row) values() []any {
	return []any{
		r.told, r.borne, r.id, r.lifecycle, r.starts, r.ends, r.silent, r.shutdown, r.ota, r.bip, r.multi, r.partner, r.msisdn, r.mainICCID, r.task,
		r.orderID, r.status, r.pack, r.packageType, r.buyType, r.period, r.supplier, r.imsi, r.phone, r.card,
		r.allowance, r.used, r.orderUsed, r.usedRate, r.ordered, r.active, r.expires, r.profiles, r.imei, r.gone,
	}
}

// renewedColumns are those of the CMP's list that hold no number, for renewed.
const renewedColumns = `told, lifecycle, starts, ends, silent, shutdown, ota, bip, multi, partner, task, status, package, package_type, buy_type, period, supplier,
	allowance, used, order_used, used_rate, ordered, active, expires, gone`

func (r *row) renewed() []any {
	return []any{
		r.told, r.lifecycle, r.starts, r.ends, r.silent, r.shutdown, r.ota, r.bip, r.multi, r.partner, r.task, r.status, r.pack, r.packageType, r.buyType, r.period, r.supplier,
		r.allowance, r.used, r.orderUsed, r.usedRate, r.ordered, r.active, r.expires, r.gone,
	}
}

// device is the row in the words of the CMP's client.
func (m *Mirror) device(r *row) Device {
	partner, pack := m.partners.name(r.partner), m.packages.name(r.pack)
	d := Device{
		n: r.n, told: r.told, IMEI: r.imei, Profiles: splitProfiles(r.profiles),
		Device: cmp.Device{
			ID: r.id, Lifecycle: cmp.Lifecycle(r.lifecycle), LifecycleStart: unpackTime(r.starts), LifecycleEnd: unpackTime(r.ends), SilentMonths: r.silent, ShutdownMonths: r.shutdown,
			OTA: cmp.Flag(r.ota), BIP: cmp.Flag(r.bip), MultiIMSI: cmp.Flag(r.multi), PartnerCode: partner.Code, PartnerName: partner.Name,
			MSISDN: r.msisdn, MainICCID: long(r.mainICCID, r.id), TaskNo: r.task,
		},
	}
	if r.gone > 0 {
		d.Gone = time.Unix(r.gone, 0).UTC()
	}
	if r.orderID != "" || r.status != "" {
		d.Orders = []cmp.Order{{
			ID: r.orderID, DeviceID: r.id, Status: cmp.OrderStatus(r.status), PackageCode: pack.Code, PackageName: pack.Name, PackageType: r.packageType, BuyType: r.buyType,
			Period: r.period, SupplierCode: r.supplier, IMSI: r.imsi, MSISDN: r.phone, MainICCID: long(r.card, r.id), UsedRate: r.usedRate,
			Allowance: unpackVolume(r.allowance), Used: unpackVolume(r.used), OrderUsed: unpackVolume(r.orderUsed),
			Ordered: unpackTime(r.ordered), Active: unpackTime(r.active), Expire: unpackTime(r.expires), Profiles: splitProfiles(r.profiles),
		}}
	}
	if len(d.Profiles) == 0 && r.imsi != "" {
		d.Profiles = []cmp.Profile{{ICCID: long(r.card, r.id), IMSI: r.imsi, MSISDN: r.phone}}
	}
	return d
}

// numbers are those that the row holds, read without the rest of it.
func (r *row) numbers() []number {
	return Device{
		Device: cmp.Device{ID: r.id, MSISDN: r.msisdn, MainICCID: long(r.mainICCID, r.id), Orders: []cmp.Order{
			{ID: r.orderID, IMSI: r.imsi, MSISDN: r.phone, MainICCID: long(r.card, r.id)},
		}},
		Profiles: splitProfiles(r.profiles), IMEI: r.imei,
	}.numbers()
}

// sameAsID stands for a number that is the device's id, as main ICCIDs are: 24 MB less for a million devices.
const sameAsID = "="

func short(value, id string) string {
	if value == id {
		return sameAsID
	}
	return value
}

func long(value, id string) string {
	if value == sameAsID {
		return id
	}
	return value
}

// packTime is a time to the second with its two remarks in the low bits; the CMP's own text when it is none.
func packTime(t cmp.Time) any {
	if t.At.IsZero() {
		return t.Raw
	}
	v := t.At.Unix() << 2
	if t.DateOnly {
		v |= 1
	}
	if t.Stated {
		v |= 2
	}
	return v
}

func unpackTime(v any) cmp.Time {
	packed, ok := v.(int64)
	if !ok {
		raw, _ := v.(string)
		return cmp.Time{Raw: raw}
	}
	t := cmp.Time{At: time.Unix(packed>>2, 0).In(cmp.Zone), DateOnly: packed&1 != 0, Stated: packed&2 != 0}
	layout := "2006-01-02 15:04:05"
	if t.DateOnly {
		layout = "20060102"
	}
	t.Raw = t.At.Format(layout)
	return t
}

func packVolume(v cmp.Volume) *int64 {
	if !v.Known {
		return nil
	}
	return &v.Bytes
}

func unpackVolume(v *int64) cmp.Volume {
	if v == nil {
		return cmp.Volume{}
	}
	return cmp.Volume{Bytes: *v, Known: true}
}

// joinProfiles writes identities as lines of three numbers. A number with a sign of the form in it is left out.
func joinProfiles(list []cmp.Profile) string {
	lines := make([]string, 0, len(list))
	for _, p := range list {
		if line := p.ICCID + "," + p.IMSI + "," + p.MSISDN; strings.Count(line, ",") == 2 && !strings.Contains(line, "\n") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

func splitProfiles(text string) []cmp.Profile {
	if text == "" {
		return nil
	}
	var list []cmp.Profile
	for line := range strings.SplitSeq(text, "\n") {
		if parts := strings.Split(line, ","); len(parts) == 3 {
			list = append(list, cmp.Profile{ICCID: parts[0], IMSI: parts[1], MSISDN: parts[2]})
		}
	}
	return list
}
