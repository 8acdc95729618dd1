package cmpsim

import (
	"bufio"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// paged reads the whole list, page after page, until one is empty.
func (d door) paged(t *testing.T, size int) []string {
	t.Helper()
	var all []string
	for no := 1; ; no++ {
		rows := decode[batchAnswer](t, d.post(t, "device/queryBatchDevice", fmt.Sprintf(`{"page_no":%d,"page_size":%d}`, no, size)).Data).Device
		for _, row := range rows {
			all = append(all, row.DeviceID)
		}
		if len(rows) == 0 {
			return all
		}
	}
}

// Who only pages through a fleet that moves sees some devices twice and misses others.
func TestChurnMovesTheFleetBetweenPages(t *testing.T) {
	t.Parallel()
	d := openDoor(t, Options{Devices: 400})
	before := d.ids()
	if err := d.SetChurn(Churn{Every: 2, Add: 3, Remove: 2, Move: 20, Change: 4, Seed: 7, Times: 10}); err != nil {
		t.Fatal(err)
	}
	seen := d.paged(t, 20)
	after := d.ids()
	if len(after) != 400+10*(3-2) {
		t.Errorf("%d devices in the end", len(after))
	}
	missed := slices.DeleteFunc(slices.Clone(after), func(id string) bool { return slices.Contains(seen, id) })
	doubled := len(seen) - len(slices.Compact(slices.Sorted(slices.Values(seen))))
	gone := slices.DeleteFunc(slices.Clone(before), func(id string) bool { return slices.Contains(after, id) })
	if len(missed) == 0 || doubled == 0 || len(gone) < 10 {
		t.Errorf("a reader missed %d devices and saw %d twice, %d are gone", len(missed), doubled, len(gone))
	}
	if c := d.Churn(); c.Every != 0 {
		t.Errorf("after its times the churn goes on: %+v", c)
	}
	if d.paged(t, 400); !slices.Equal(d.ids(), after) {
		t.Error("the fleet moves after the churn is over")
	}
}

func TestChurnFollowsItsSeed(t *testing.T) {
	t.Parallel()
	run := func(seed uint64) []string {
		d := openDoor(t, Options{Devices: 100})
		if err := d.SetChurn(Churn{Every: 1, Add: 1, Remove: 1, Move: 1, Change: 1, Seed: seed}); err != nil {
			t.Fatal(err)
		}
		d.paged(t, 25)
		return d.ids()
	}
	if !slices.Equal(run(1), run(1)) || slices.Equal(run(1), run(2)) {
		t.Error("the seed does not give the churn")
	}
}

func TestChurnEmptiesAFleet(t *testing.T) {
	t.Parallel()
	d := openDoor(t, Options{Devices: 3})
	if err := d.SetChurn(Churn{Every: 1, Remove: 2, Move: 1, Change: 1}); err != nil {
		t.Fatal(err)
	}
	for range 4 {
		d.post(t, "device/queryBatchDevice", `{}`)
	}
	if d.Size() != 0 {
		t.Errorf("%d devices are left", d.Size())
	}
}

func TestControlFleet(t *testing.T) {
	t.Parallel()
	d := openDoor(t, Options{})
	status, body := d.control(t, "POST", "fleet", `[{"kind":"add","count":2,"at":"start"},{"kind":"remove","device_id":"`+DemoNoOrder+`"}]`)
	type told struct {
		Devices int
		Added   []string
	}
	got := decode[told](t, []byte(body))
	if status != 200 || got.Devices != 61 || len(got.Added) != 2 {
		t.Errorf("%d %s", status, body)
	}
	_, text := d.control(t, "GET", "fleet", "")
	var lines []fleetLine
	for in := bufio.NewScanner(strings.NewReader(text)); in.Scan(); {
		lines = append(lines, decode[fleetLine](t, in.Bytes()))
	}
	want := fleetLine{Device: DemoInUse, Lifecycle: "2", Order: DemoOrder, Status: "2", UsedKB: 30720 * 1024 * 3333 / 10_000}
	if len(lines) != 61 || lines[1].Device != got.Added[0] || lines[2] != want {
		t.Errorf("%d lines, the first are %+v", len(lines), lines[:3])
	}
	for body, want := range map[string]string{
		`{"kind":"explode"}`:       `is unknown`,
		`{"kind":"add","place":1}`: `unknown field`,
		`{"kind":"add"`:            `no JSON object`,
	} {
		if status, answer := d.control(t, "POST", "fleet", body); status != 400 || !strings.Contains(answer, want) {
			t.Errorf("%s: %d %s", body, status, answer)
		}
	}
}

func TestControlChurn(t *testing.T) {
	t.Parallel()
	d := openDoor(t, Options{})
	const set = `{"every":1,"add":2,"remove":1,"move":3,"seed":7,"times":50}`
	if status, body := d.control(t, "POST", "churn", set); status != 200 || strings.TrimSpace(body) != set {
		t.Errorf("%d %s", status, body)
	}
	if d.post(t, "device/queryBatchDevice", `{}`); d.Size() != 61 {
		t.Errorf("after one page the fleet has %d devices", d.Size())
	}
	if status, _ := d.control(t, "DELETE", "churn", ""); status != 204 || d.Churn().Every != 0 {
		t.Errorf("DELETE: %d", status)
	}
	for _, body := range []string{`{}`, `{"every":1,"add":-1}`, `[]`, `{"every":"x"}`} {
		if status, answer := d.control(t, "POST", "churn", body); status != 400 || !json.Valid([]byte(answer)) || d.Churn().Every != 0 {
			t.Errorf("%s: %d %s", body, status, answer)
		}
	}
}
