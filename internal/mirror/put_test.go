package mirror

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"cmpconsole/internal/cmp"
)

// What the CMP told comes out as it went in, also of a file that was opened again, and of values that nobody documented.
func TestDevicesComeOutAsTheyWentIn(t *testing.T) {
	t.Parallel()
	r := dice(t)
	path := filepath.Join(t.TempDir(), "mirror.db")
	m := openAt(t, path, Options{})
	all := fleet(r, 1500)
	all[0].Lifecycle, all[0].LifecycleEnd, all[0].OTA = "nine", cmp.Time{Raw: "soon"}, "maybe"
	if w := put(t, m, all, noon); w != (Written{New: len(all)}) {
		t.Fatalf("written %+v", w)
	}
	totals, _ := m.Totals(t.Context())
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	again := openAt(t, path, Options{})
	for _, want := range all {
		d := get(t, again, want.ID)
		if !reflect.DeepEqual(d.Device, want) {
			t.Fatalf("got  %+v\nwant %+v", d.Device, want)
		}
		if !d.Read.Equal(noon) {
			t.Fatalf("confirmed %v, want %v", d.Read, noon)
		}
	}
	if now, _ := again.Totals(t.Context()); !reflect.DeepEqual(now, totals) || now.Devices != len(all) {
		t.Errorf("totals %+v, before %+v", now, totals)
	}
}

// A page that tells nothing new writes no row, and still makes its devices younger.
func TestNothingNewWritesNoRow(t *testing.T) {
	t.Parallel()
	m := open(t, Options{})
	all := fleet(dice(t), 1200)
	put(t, m, all, noon)
	before := changes(t, m)
	if w := put(t, m, all, noon.Add(time.Hour)); w != (Written{Same: len(all)}) {
		t.Fatalf("written %+v", w)
	}
	if rows := changes(t, m) - before; rows > 5 { // the blocks of confirmations
		t.Errorf("%d rows were written", rows)
	}
	if d := get(t, m, all[7].ID); !d.Read.Equal(noon.Add(time.Hour)) {
		t.Errorf("confirmed %v", d.Read)
	}
	if n := m.ConfirmedSince(noon.Add(time.Minute)); n != len(all) {
		t.Errorf("%d are confirmed", n)
	}
}

// changes counts the rows written so far.
func changes(t *testing.T, m *Mirror) (n int) {
	t.Helper()
	err := m.db.Write(context.Background(), func(tx *sql.Tx) error {
		return tx.QueryRowContext(context.Background(), "SELECT total_changes()").Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestChangesMoveTheDevice(t *testing.T) {
	t.Parallel()
	m := open(t, Options{})
	all := fleet(dice(t), 50)
	all[9].Lifecycle, all[9].Orders = "1", nil
	put(t, m, all, noon)
	silent := Filter{Lifecycles: []cmp.Lifecycle{"1"}}
	before, _ := m.Count(t.Context(), silent)
	all[9].Lifecycle = "2"
	all[9].Orders = []cmp.Order{{ID: "ORDER_1", DeviceID: all[9].ID, Status: "2", IMSI: "454129999999999"}}
	if w := put(t, m, all[9:10], noon); w.Changed != 1 {
		t.Fatalf("written %+v", w)
	}
	if now, _ := m.Count(t.Context(), silent); now != before-1 {
		t.Errorf("%d silent devices, before %d", now, before)
	}
	if hits, err := m.Exact(t.Context(), "454129999999999", 9); err != nil || len(hits.List) != 1 || hits.List[0].Kind != KindIMSI {
		t.Errorf("its new IMSI finds %+v, %v", hits, err)
	}
}

// What the CMP tells of a device alone adds to what its list tells, and neither takes anything from the other.
func TestListAndSingleLookUpAddUp(t *testing.T) {
	t.Parallel()
	m := open(t, Options{})
	listed := cmp.Device{ID: "8985202600000000016", Lifecycle: "2", MultiIMSI: "1", PartnerCode: "P1", PartnerName: "Straits", MainICCID: "8985202600000000016", TaskNo: "T1",
		Orders: []cmp.Order{{ID: "ORDER_1", DeviceID: "8985202600000000016", Status: "2", IMSI: "454120000000001", MSISDN: "85251000001", SupplierCode: "S"}}}
	alone := cmp.Device{ID: listed.ID, Lifecycle: "2", MultiIMSI: "1",
		Orders: []cmp.Order{{ID: "ORDER_1", DeviceID: listed.ID, Status: "2", Profiles: []cmp.Profile{{ICCID: listed.ID, IMSI: "454120000000001"}, {ICCID: "8944303000000000018", IMSI: "234300000000001"}}}}}
	put(t, m, []cmp.Device{listed}, noon)
	if list, _ := m.Incomplete(t.Context(), 10); !slices.Equal(list, []string{listed.ID}) {
		t.Errorf("incomplete: %v", list)
	}
	if _, err := m.PutOne(t.Context(), alone, noon); err != nil {
		t.Fatal(err)
	}
	if err := m.Bind(t.Context(), listed.ID, "490154203237518"); err != nil {
		t.Fatal(err)
	}
	if w := put(t, m, []cmp.Device{listed}, noon); w.Same != 1 {
		t.Errorf("the list writes %+v after the single look-up", w)
	}
	for _, value := range []string{"454120000000001", "234300000000001", "8944303000000000018", "85251000001", "490154203237518", "ORDER_1"} {
		if hits, err := m.Exact(t.Context(), value, 9); err != nil || len(hits.List) != 1 {
			t.Errorf("%s finds %d, %v", value, len(hits.List), err)
		}
	}
	if d := get(t, m, listed.ID); d.PartnerName != "Straits" || d.TaskNo != "T1" || len(d.Profiles) != 2 {
		t.Errorf("left of it: %+v", d)
	}
	if list, _ := m.Incomplete(t.Context(), 10); list != nil {
		t.Errorf("incomplete still: %v", list)
	}
}

func TestGoneDevicesStayAndComeBack(t *testing.T) {
	t.Parallel()
	m := open(t, Options{})
	all := fleet(dice(t), 20)
	put(t, m, all, noon)
	if err := m.Drop(t.Context(), []string{all[2].ID, "never-heard-of"}, noon); err != nil {
		t.Fatal(err)
	}
	if d := get(t, m, all[2].ID); d.Gone.IsZero() || m.Known() != 19 {
		t.Errorf("gone %v, known %d", d.Gone, m.Known())
	}
	if n, _ := m.Count(t.Context(), Filter{Gone: true}); n != 1 {
		t.Errorf("%d are gone", n)
	}
	put(t, m, all[2:3], noon)
	if d := get(t, m, all[2].ID); !d.Gone.IsZero() || m.Known() != 20 {
		t.Errorf("gone %v, known %d", d.Gone, m.Known())
	}
}

// What runs with a page and fails takes the page with it.
func TestAPageIsWrittenWholeOrNot(t *testing.T) {
	t.Parallel()
	m := open(t, Options{})
	boom := errors.New("boom")
	_, err := m.Put(t.Context(), fleet(dice(t), 20), noon, func(*sql.Tx) error { return boom })
	if !errors.Is(err, boom) || m.Known() != 0 {
		t.Fatalf("%v, known %d", err, m.Known())
	}
	if _, total, err := m.IDs(t.Context(), Filter{}, 10); err != nil || total != 0 {
		t.Errorf("%d devices, %v", total, err)
	}
}

func TestLabelsFilter(t *testing.T) {
	t.Parallel()
	labels := map[string][]string{}
	m := open(t, Options{Labels: func(_ context.Context, ids []string) (map[string][]string, error) {
		found := map[string][]string{}
		for _, id := range ids {
			found[id] = labels[id]
		}
		return found, nil
	}})
	all := fleet(dice(t), 30)
	labels[all[1].ID] = []string{"pilot"} // known to us before the mirror knew the device
	put(t, m, all, noon)
	labels[all[5].ID] = []string{"pilot", "lorry"}
	if err := m.Relabel(t.Context(), []string{all[5].ID}); err != nil {
		t.Fatal(err)
	}
	count := func(name string) int { n, _ := m.Count(t.Context(), Filter{Labels: []string{name}}); return n }
	if count("pilot") != 2 || count("lorry") != 1 || count("none") != 0 {
		t.Errorf("pilot %d, lorry %d, none %d", count("pilot"), count("lorry"), count("none"))
	}
	labels[all[1].ID] = nil
	if err := m.Relabel(t.Context(), []string{all[1].ID}); err != nil || count("pilot") != 1 {
		t.Errorf("pilot %d after it was taken off, %v", count("pilot"), err)
	}
	if d := get(t, m, all[5].ID); !slices.Equal(d.Labels, []string{"pilot", "lorry"}) {
		t.Errorf("labels %v", d.Labels)
	}
}

func TestSelectionFilters(t *testing.T) {
	t.Parallel()
	all := fleet(dice(t), 30)
	m := open(t, Options{Members: func(_ context.Context, id string) ([]string, error) {
		return []string{all[1].ID, all[2].ID, "unknown " + id}, nil
	}})
	put(t, m, all, noon)
	if n, err := m.Count(t.Context(), Filter{In: "s1"}); err != nil || n != 2 {
		t.Errorf("%d, %v", n, err)
	}
}

// A device that is new to the mirror has the IMEI that we bound it to, and is found by it; what the CMP tells later counts.
func TestNewDevicesHaveTheirIMEI(t *testing.T) {
	t.Parallel()
	r := dice(t)
	one, two := some(r, 1), some(r, 2)
	asked := 0
	m := open(t, Options{Bound: func(_ context.Context, ids []string) (map[string]string, error) {
		asked += len(ids)
		return map[string]string{one.ID: "860996043052016"}, nil
	}})
	if w := put(t, m, []cmp.Device{one, two}, noon); w != (Written{New: 2}) || asked != 2 {
		t.Errorf("%+v, asked of %d", w, asked)
	}
	hits, err := m.Exact(t.Context(), "860996043052016", 5)
	if err != nil || len(hits.List) != 1 || hits.List[0].Device.ID != one.ID || get(t, m, two.ID).IMEI != "" {
		t.Errorf("found %+v, %v", hits, err)
	}
	if err := m.Bind(t.Context(), one.ID, ""); err != nil {
		t.Fatal(err)
	}
	if put(t, m, []cmp.Device{one, two}, noon); get(t, m, one.ID).IMEI != "" || asked != 2 {
		t.Errorf("the CMP's word is lost, asked of %d", asked)
	}
}

// A list that tells of other use, or of another order, leaves what it does not tell.
func TestAListLeavesWhatItDoesNotTell(t *testing.T) {
	t.Parallel()
	m := open(t, Options{})
	d := cmp.Device{ID: "8985202600000000016", Lifecycle: "2", Orders: []cmp.Order{{ID: "ORDER_1", DeviceID: "8985202600000000016", Status: "2", IMSI: "454120000000001"}}}
	second := cmp.Profile{ICCID: "8944303000000000018", IMSI: "234300000000001"}
	put(t, m, []cmp.Device{d}, noon)
	err := m.Learn(t.Context(), d.ID, []cmp.Order{{Profiles: []cmp.Profile{second}}})
	if err := errors.Join(err, m.Bind(t.Context(), d.ID, "490154203237518")); err != nil {
		t.Fatal(err)
	}
	for i, change := range []func(*cmp.Order){
		func(o *cmp.Order) {
			o.Used, o.Allowance = cmp.Volume{Bytes: 7, Known: true}, cmp.Volume{Bytes: 9, Known: true}
		},
		func(o *cmp.Order) { o.ID = "ORDER_2" },
	} {
		change(&d.Orders[0])
		if w := put(t, m, []cmp.Device{d}, noon.Add(time.Duration(i+1)*time.Hour)); w.Changed != 1 {
			t.Fatalf("written %+v", w)
		}
		got := get(t, m, d.ID)
		if got.IMEI != "490154203237518" || !slices.Contains(got.Profiles, second) || got.Orders[0].Used != d.Orders[0].Used || got.Orders[0].ID != d.Orders[0].ID {
			t.Errorf("after change %d: %+v", i, got)
		}
		for _, number := range []string{got.IMEI, second.IMSI, d.Orders[0].ID} {
			if hits, err := m.Exact(t.Context(), number, 9); err != nil || len(hits.List) != 1 {
				t.Errorf("after change %d, %s finds %+v, %v", i, number, hits, err)
			}
		}
	}
}
