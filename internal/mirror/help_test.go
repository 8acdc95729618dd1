package mirror

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"cmpconsole/internal/cmp"
)

// noon is when the devices of a test are put, unless it says otherwise.
var noon = time.Date(2026, 11, 28, 12, 0, 0, 0, cmp.Zone)

func open(t testing.TB, o Options) *Mirror {
	t.Helper()
	return openAt(t, filepath.Join(t.TempDir(), "mirror.db"), o)
}

func openAt(t testing.TB, path string, o Options) *Mirror {
	t.Helper()
	m, err := Open(t.Context(), path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	return m
}

func put(t testing.TB, m *Mirror, list []cmp.Device, at time.Time) Written {
	t.Helper()
	w, err := m.Put(context.Background(), list, at)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func get(t testing.TB, m *Mirror, id string) Device {
	t.Helper()
	d, ok, err := m.Device(t.Context(), id)
	if err != nil || !ok {
		t.Fatalf("device %s: found %t, %v", id, ok, err)
	}
	return d
}

func day(offset int) cmp.Time {
	at := time.Date(2026, 11, 28, 0, 0, 0, 0, cmp.Zone).AddDate(0, 0, offset)
	return cmp.Time{At: at, DateOnly: true, Raw: at.Format("20060102")}
}

var (
	packages = []string{"LP1 Japan 10GB", "LP2 日本30GB不限速月套餐", "LP3 Europe 1GB"}
	partners = []string{"P1 Straits", "P2 Nordic"}
)

// some makes a device as a fleet has them: numbers that begin alike, and every sort of state.
func some(r *rand.Rand, serial int) cmp.Device {
	partner := partners[r.IntN(len(partners))]
	d := cmp.Device{
		ID: fmt.Sprintf("8985202600%010d", serial*17), Lifecycle: cmp.Lifecycle(fmt.Sprint(r.IntN(7))), LifecycleStart: day(-r.IntN(400)), LifecycleEnd: day(r.IntN(60) - 20),
		SilentMonths: "6", ShutdownMonths: "2", OTA: cmp.Flag(fmt.Sprint(1 + r.IntN(2))), MultiIMSI: "0", PartnerCode: partner[:2], PartnerName: partner[3:],
	}
	if r.IntN(10) == 0 {
		d.LifecycleEnd = cmp.Time{}
	}
	if r.IntN(4) == 0 {
		return d
	}
	pack := packages[r.IntN(len(packages))]
	o := cmp.Order{
		ID: fmt.Sprintf("ORDER_17%017d", r.Int64N(1e17)), DeviceID: d.ID, PackageCode: pack[:3], PackageName: pack[4:], Status: []cmp.OrderStatus{"2", "5", "3", "9"}[r.IntN(4)],
		IMSI: fmt.Sprintf("4541202600%05d", serial), MSISDN: fmt.Sprintf("8525%07d", r.IntN(1e7)), Expire: day(r.IntN(60) - 20), UsedRate: "1.00%",
	}
	if r.IntN(5) > 0 {
		o.Allowance, o.Used = cmp.Volume{Bytes: 1000, Known: true}, cmp.Volume{Bytes: r.Int64N(1500), Known: true}
	}
	d.Orders = []cmp.Order{o}
	return d
}

func fleet(r *rand.Rand, size int) []cmp.Device {
	list := make([]cmp.Device, size)
	for i := range list {
		list[i] = some(r, i+1)
	}
	r.Shuffle(size, func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

func dice(t testing.TB) *rand.Rand {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}
