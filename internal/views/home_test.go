package views

import (
	"database/sql"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/cmpsim"
)

// fleetNoon is a day in the CMP's zone that has begun there and not yet in UTC.
var fleetNoon = time.Date(2026, 11, 27, 17, 30, 0, 0, time.UTC)

// member is a device in a stage that ends some days from fleetNoon, with an order that has a status, an expiry and a use in percent.
func member(serial int, stage cmp.Lifecycle, ends int, status cmp.OrderStatus, expires, used int) cmp.Device {
	on := func(days int) cmp.Time {
		return cmp.TimeOf(fleetNoon.In(cmp.Zone).AddDate(0, 0, days).Format("20060102"))
	}
	d := cmp.Device{ID: fmt.Sprintf("89852026%012d", serial), Lifecycle: stage, LifecycleEnd: on(ends), PartnerCode: "P1", PartnerName: "Straits"}
	if status != "" {
		d.Orders = []cmp.Order{{ID: fmt.Sprintf("ORDER_%d", serial), DeviceID: d.ID, Status: status, PackageCode: "LP1", Expire: on(expires),
			Allowance: cmp.Volume{Bytes: 1000, Known: true}, Used: cmp.Volume{Bytes: int64(used) * 10, Known: true}}}
	}
	return d
}

// fleetSite is a site whose clock stands at fleetNoon, with these devices confirmed some time before.
func fleetSite(t *testing.T, confirmed map[time.Duration][]cmp.Device) *site {
	t.Helper()
	st := newSite(t, func(d *Deps) { d.Now = func() time.Time { return fleetNoon } })
	for _, ago := range slices.Backward(slices.Sorted(maps.Keys(confirmed))) {
		if _, err := st.copy.Put(t.Context(), confirmed[ago], fleetNoon.Add(-ago)); err != nil {
			t.Fatal(err)
		}
	}
	return st
}

// workOf reads the work list of a home page: label → count and address.
func workOf(t *testing.T, a answer) map[string][2]string {
	t.Helper()
	found := map[string][2]string{}
	for _, line := range all(a.tree(t), "", "class") {
		if name, _, _ := strings.Cut(attr(line, "class"), " "); name == "line" {
			label := textOf(all(line, "b", "")[0])
			for _, count := range all(line, "span", "class") {
				if attr(count, "class") == "count" {
					found[label] = [2]string{textOf(count), attr(line, "href")}
				}
			}
		}
	}
	return found
}

// Every line counts what its list shows, from today on as the CMP counts days; ended orders have nothing to lose any more.
func TestWorkList(t *testing.T) {
	t.Parallel()
	devices := []cmp.Device{
		member(1, cmp.LifecycleUsage, 90, cmp.StatusInUse, 0, 100), // expires today
		member(2, cmp.LifecycleUsage, 7, cmp.StatusInUse, 7, 80),
		member(3, cmp.LifecycleUsage, 30, cmp.StatusSuspended, 8, 79),
		member(4, cmp.LifecycleUsage, 31, cmp.StatusInUse, 31, 20),
		member(5, cmp.LifecycleUsage, -1, cmp.StatusEnded, 3, 200), // ended early
		member(6, cmp.LifecycleUsage, -2, cmp.StatusInUse, -1, 10), // over, and not moved on
		member(7, cmp.LifecycleSilent, 30, "", 0, 0), member(8, cmp.LifecycleSilent, 0, "", 0, 0), member(9, cmp.LifecycleSuspended, 29, "", 0, 0), member(10, cmp.LifecycleDisposal, 5, "", 0, 0),
	}
	st := fleetSite(t, map[time.Duration][]cmp.Device{time.Minute: devices[:9], 25 * time.Hour: devices[9:]})
	got := workOf(t, st.visit(t, auth.Support).get("/").want(t, http.StatusOK))
	for label, want := range map[string][2]string{
		"Over quota": {"1", "/devices?status=2%2C5&used=100"}, "Almost used up": {"2", "/devices?status=2%2C5&used=80"},
		"Expire within 7 days": {"2", "/devices?expires=7d&status=2%2C5"}, "Expire within 30 days": {"3", "/devices?expires=30d&status=2%2C5"},
		"Suspended orders": {"1", "/devices?status=5"}, "Silent period": {"2", "/devices?lifecycle=1&stage_ends=30d"}, "Usage": {"2", "/devices?lifecycle=2&stage_ends=30d"},
		"Suspended service": {"1", "/devices?lifecycle=3&stage_ends=30d"}, "Not confirmed for 24 hours": {"1", "/devices?stale=24h"},
		"To settle by hand": {"0", ""}, "Outcome unknown": {"0", ""}, "SMS that failed": {"0", "/sms?days=7&report=failed"},
	} {
		if got[label] != want {
			t.Errorf("%s: %q, want %q", label, got[label], want)
		}
	}
	if n := got["Orders not enabled"]; n[0] == "–" || n[0] == "0" || n[1] != "/orders?status=1" {
		t.Errorf("orders that only the CMP can count: %q", n)
	}
}

// Messages that the CMP reported failed are counted, and their number opens a list of just as many.
func TestFailedSMSAreWork(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Support)
	form := url.Values{"devices": {cmpsim.DemoInUse + " " + cmpsim.DemoSuspended + " " + cmpsim.DemoWaiting}, "content": {"Reboot"}, "type": {"1"}}
	v.post("/sms/new", filled(t, v.post("/sms/new", form).want(t, http.StatusOK))).want(t, http.StatusSeeOther)
	err := st.db.Write(t.Context(), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(t.Context(), `UPDATE message SET report = CASE device_id WHEN ? THEN '1' ELSE '2' END`, cmpsim.DemoInUse)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	item := workOf(t, v.get("/").want(t, http.StatusOK))["SMS that failed"]
	list := v.get(item[1]).want(t, http.StatusOK).tree(t)
	if rows, totals := all(list, "tr", "data-id"), all(list, "", "data-total"); item[0] != "2" || len(rows) != 2 || len(totals) != 1 || attr(totals[0], "data-total") != "2" {
		t.Errorf("%q, and a list of %d: %s", item, len(rows), textOf(list))
	}
	for _, path := range []string{"/sms?report=lost", "/sms?days=0", "/sms?days=many"} {
		v.get(path).want(t, http.StatusUnprocessableEntity)
	}
	if text := textOf(v.get("/sms?report=failed&device=89852026000000000065").want(t, http.StatusOK).tree(t)); !strings.Contains(text, "No such SMS") {
		t.Errorf("a list of none: %s", text)
	}
}

// What comes first is what one is there for, and the page says so.
func TestWorkIsOrderedByRole(t *testing.T) {
	t.Parallel()
	st := fleetSite(t, nil)
	for _, tt := range []struct {
		name  string
		roles []auth.Role
		says  string
		first string
	}{
		{"s", []auth.Role{auth.Support}, "Doubts and failures come first, for support", "Doubts and failures"},
		{"m", []auth.Role{auth.Manager}, "Quota and expiry come first, for account managers", "Quota, expiry and service"},
		{"sm", []auth.Role{auth.Support, auth.Manager}, "Doubts and failures come first, for support", "Doubts and failures"},
		{"ad", []auth.Role{auth.Admin}, "Doubts and failures come first", "Doubts and failures"},
	} {
		tree := st.visitAs(t, "role-"+tt.name, tt.roles...).get("/").want(t, http.StatusOK).tree(t)
		if first := textOf(all(tree, "h2", "")[0]); first != tt.first || !strings.Contains(textOf(tree), tt.says) {
			t.Errorf("%v: first %q, want %q", tt.roles, first, tt.first)
		}
	}
}

// Figures are as old as the oldest of them, and a copy that is empty, not whole, stopped or in trouble says so.
func TestHomeTellsHowOldItIs(t *testing.T) {
	t.Parallel()
	one := []cmp.Device{member(1, cmp.LifecycleUsage, 90, cmp.StatusInUse, 0, 100)}
	two := []cmp.Device{member(2, cmp.LifecycleUsage, 90, cmp.StatusInUse, 0, 100)}
	for name, tt := range map[string]struct {
		confirmed map[time.Duration][]cmp.Device
		stop      bool
		says      []string
	}{
		"empty":       {nil, false, []string{"There is no copy of the fleet yet.", "Over quota 100 % of the allowance and more –", "No devices yet"}},
		"not whole":   {map[time.Duration][]cmp.Device{time.Hour: one}, false, []string{"The fleet has not been read whole yet.", "as of 16:30:00", "The CMP told of all these devices at 16:30:00."}},
		"two ages":    {map[time.Duration][]cmp.Device{48 * time.Hour: one, time.Minute: two}, false, []string{"as of 25 Nov 2026, 17:30", "between 25 Nov 2026, 17:30 and 17:29:00"}},
		"and stopped": {map[time.Duration][]cmp.Device{time.Hour: one}, true, []string{"The copy grows old.", "as of 16:30:00"}},
	} {
		st := fleetSite(t, tt.confirmed)
		v := st.visit(t, auth.Manager)
		if tt.stop {
			v.post("/sync/stop", nil).want(t, http.StatusSeeOther)
		}
		text := textOf(v.get("/").want(t, http.StatusOK).tree(t))
		for _, want := range tt.says {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %q in %s", name, want, text)
			}
		}
	}
}

// The fleet stands by stage and status, each figure an address, with rows and columns only for what there is.
func TestBreakdown(t *testing.T) {
	t.Parallel()
	st := fleetSite(t, map[time.Duration][]cmp.Device{0: {
		member(1, cmp.LifecycleUsage, 90, cmp.StatusInUse, 0, 100), member(2, cmp.LifecycleUsage, 90, cmp.StatusInUse, 0, 100), member(3, cmp.LifecycleUsage, 90, cmp.StatusSuspended, 0, 1),
		member(4, cmp.LifecycleSilent, 90, "", 0, 0), member(5, "8", 90, "7", 0, 0),
	}})
	if err := st.copy.Drop(t.Context(), []string{member(4, "", 0, "", 0, 0).ID}, fleetNoon); err != nil {
		t.Fatal(err)
	}
	tree := st.visit(t, auth.Auditor).get("/").want(t, http.StatusOK).tree(t)
	var lines []string
	for _, row := range all(all(tree, "table", "class")[0], "tr", "") {
		line := textOf(row)
		for _, a := range all(row, "a", "href") {
			line += " " + attr(a, "href")
		}
		lines = append(lines, line)
	}
	want := []string{
		"Stage Devices In use Suspended Other status",
		"Usage 3 2 1 0 /devices?lifecycle=2 /devices?lifecycle=2&status=2 /devices?lifecycle=2&status=5",
		"Stage ? 1 0 0 1 /devices?lifecycle=%3F /devices?lifecycle=%3F&status=%3F",
	}
	if !slices.Equal(lines, want) {
		t.Errorf("the table is\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
	if text := textOf(tree); !strings.Contains(text, "1 device that the CMP no longer knows") {
		t.Errorf("no word of the gone: %s", text)
	}
}
