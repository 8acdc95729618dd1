package mirror

import (
	"log/slog"
	"math/rand/v2"
	"net/http/httptest"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"cmpconsole/internal/cmp"
	"cmpconsole/internal/cmpsim"
)

// startSandbox starts a CMP with a fleet, and a client of it.
func startSandbox(t *testing.T, devices int) (*cmpsim.Sim, *cmp.Client) {
	t.Helper()
	sim, err := cmpsim.New(cmpsim.Options{Devices: devices})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(sim.Handler())
	t.Cleanup(srv.Close)
	client, err := cmp.New(cmp.Options{BaseURL: srv.URL, Signing: cmp.SigningNone, Timeout: time.Minute, Rate: 1e6, MaxConns: 4})
	if err != nil {
		t.Fatal(err)
	}
	return sim, client
}

// sandboxRig is a sync of a sandbox, driven step by step.
func sandboxRig(t *testing.T, client *cmp.Client, size int) *rig {
	t.Helper()
	b := &rig{at: time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC), path: filepath.Join(t.TempDir(), "mirror.db")}
	b.opts = SyncOptions{Every: 6 * time.Hour, Size: size, Now: func() time.Time { return b.at }, Logger: slog.New(slog.DiscardHandler)}
	b.from = client
	b.open(t)
	return b
}

// The sandbox adds, removes, moves and changes devices while it is paged, for a while. After the next run the mirror has
// what the sandbox has, value by value, and nothing else.
func TestASandboxThatMovesWhileItIsRead(t *testing.T) {
	t.Parallel()
	sim, client := startSandbox(t, 250)
	for seed := range uint64(25) {
		dice := rand.New(rand.NewPCG(seed, 1))
		b := sandboxRig(t, client, 10+dice.IntN(30))
		churn := cmpsim.Churn{Every: 1 + dice.IntN(3), Add: dice.IntN(3), Remove: dice.IntN(3), Move: dice.IntN(4), Change: dice.IntN(4), Seed: seed, Times: 1 + dice.IntN(20)}
		if err := sim.SetChurn(churn); err != nil {
			t.Fatal(err)
		}
		b.rest(t)
		sim.ClearChurn()
		if run := b.again(t); run.Result != Whole {
			t.Fatalf("seed %d: %+v", seed, run)
		}
		b.compare(t, client, seed)
	}
}

// compare holds every device of the mirror against the CMP's list.
func (b *rig) compare(t *testing.T, client *cmp.Client, seed uint64) {
	t.Helper()
	page, err := client.Devices(t.Context(), 1, 1000)
	if err != nil || len(page.Devices) != page.Total {
		t.Fatalf("%d of %d devices, %v", len(page.Devices), page.Total, err)
	}
	if n := b.mirror.Known(); n != page.Total {
		t.Errorf("seed %d: the mirror has %d devices, the CMP %d", seed, n, page.Total)
	}
	for _, want := range page.Devices {
		got := get(t, b.mirror, want.ID)
		for i := range want.Orders { // what the mirror does not keep of an order
			want.Orders[i].HasTestFlow, want.Orders[i].FlowPlus, want.Orders[i].Refuelling = "", "", nil
		}
		if len(got.Orders) == 1 && len(want.Orders) == 1 {
			got.Orders[0].Profiles = want.Orders[0].Profiles // told when it is asked for alone
		}
		if !reflect.DeepEqual(got.Device, want) || !got.Gone.IsZero() {
			t.Fatalf("seed %d: the mirror has\n%+v\nand the CMP\n%+v", seed, got.Device, want)
		}
	}
}

// Devices with several identities are asked for after the run, one by one, until all of their numbers are known.
func TestAllNumbersAreAskedFor(t *testing.T) {
	t.Parallel()
	_, client := startSandbox(t, 400)
	b := sandboxRig(t, client, 100)
	b.rest(t)
	if ids, err := b.mirror.Incomplete(t.Context(), 10); err != nil || len(ids) != 0 {
		t.Errorf("not asked for: %v, %v", ids, err)
	}
	several := 0
	page, err := client.Devices(t.Context(), 1, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range page.Devices {
		if !d.MultiIMSI.Yes() || len(d.Orders) == 0 {
			continue
		}
		several++
		if got := get(t, b.mirror, d.ID); len(got.Profiles) < 2 || got.PartnerCode != d.PartnerCode {
			t.Errorf("of %s the mirror has the identities %v, the partner %q", d.ID, got.Profiles, got.PartnerCode)
		}
	}
	if several == 0 {
		t.Error("the sandbox has no such device")
	}
	b.compare(t, client, 0)
}
