package cmp_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"cmpconsole/internal/cmp"
	"cmpconsole/internal/cmpsim"
)

// otherwise is an installation with the document's two alternative paths, and without some calls.
func otherwise(t *testing.T, edit ...func(*cmp.Options)) bench {
	t.Helper()
	o := cmpsim.Options{Devices: 20, Seed: 7, Missing: []string{cmp.CallLive}, Paths: map[string]string{cmp.CallBind: "device/bound", cmp.CallBindings: "device/getBoundTrackList"}}
	sim, err := cmpsim.New(o)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(sim.Handler())
	t.Cleanup(srv.Close)
	opts := cmp.Options{BaseURL: srv.URL, Signing: cmp.SigningNone, Timeout: 20 * time.Second, Rate: 1e6, MaxConns: 4}
	for _, e := range edit {
		e(&opts)
	}
	c, err := cmp.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	return bench{c, sim}
}

// Calls that an installation has elsewhere are made there.
func TestAlternativePaths(t *testing.T) {
	t.Parallel()
	b := otherwise(t, func(o *cmp.Options) {
		o.Paths = map[string]string{cmp.CallBind: "device/bound", cmp.CallBindings: "device/getBoundTrackList"}
	})
	if err := b.BindIMEI(t.Context(), cmp.Binding{DeviceID: cmpsim.DemoInUse, IMEI: "860996043052016"}); err != nil {
		t.Fatal(err)
	}
	if tracks, err := b.Bindings(t.Context(), cmpsim.DemoInUse); err != nil || len(tracks) != 1 {
		t.Errorf("%+v, %v", tracks, err)
	}
	// Without the setting the answer says what may be the matter.
	plain := otherwise(t)
	_, err := plain.Bindings(t.Context(), cmpsim.DemoInUse)
	if e, ok := errors.AsType[*cmp.Error](err); !ok || !strings.Contains(e.Why(), "CMP_MISSING or CMP_PATHS") {
		t.Errorf("%q", e.Why())
	}
	if err := plain.BindIMEI(t.Context(), cmp.Binding{DeviceID: cmpsim.DemoInUse, IMEI: "860996043052016"}); cmp.KindOf(err) != cmp.Unknown {
		t.Errorf("%v: whether an unknown address did something is not known", err)
	}
}

// A call that the installation lacks is not made.
func TestMissingCalls(t *testing.T) {
	t.Parallel()
	b := otherwise(t, func(o *cmp.Options) {
		o.Missing = []string{cmp.CallLive, cmp.CallBind, cmp.CallCDRsByAPN}
	})
	today := time.Now()
	for name, do := range map[string]func(ctx context.Context) error{
		"live": func(ctx context.Context) error { _, err := b.LiveSession(ctx, "454120260000001"); return err },
		"bind": func(ctx context.Context) error {
			return b.BindIMEI(ctx, cmp.Binding{DeviceID: cmpsim.DemoInUse, IMEI: "860996043052016"})
		},
		"records by APN": func(ctx context.Context) error {
			_, err := b.CDRs(ctx, cmp.CDRQuery{DeviceID: cmpsim.DemoInUse, ByAPN: true, From: today, Until: today, Page: 1, Size: 5})
			return err
		},
	} {
		if e, ok := errors.AsType[*cmp.Error](do(t.Context())); !ok || !e.Missing() || e.Kind != cmp.NotSent || e.Why() != "This CMP installation does not offer the call." {
			t.Errorf("%s: %v", name, e)
		}
	}
	if b.Has(cmp.CallBind) || !b.Has(cmp.CallBindings) || len(b.sim.Journal()) > 0 {
		t.Errorf("%d requests", len(b.sim.Journal()))
	}
	if _, err := b.CDRs(t.Context(), cmp.CDRQuery{DeviceID: cmpsim.DemoInUse, From: today, Until: today, Page: 1, Size: 5}); err != nil {
		t.Errorf("records without APN: %v", err)
	}
}

func TestCallsThatCannotBe(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		paths   map[string]string
		missing []string
		want    string
	}{
		"no such call":        {map[string]string{"device/fly": "x"}, nil, `"device/fly" is no call of the API`},
		"no path":             {map[string]string{cmp.CallBind: "/device/bound"}, nil, "is no path for device/bind"},
		"a path with a query": {map[string]string{cmp.CallBind: "device/bound?x"}, nil, "is no path for device/bind"},
		"without the card":    {map[string]string{cmp.CallCDRs: "cdr"}, nil, "with {sim_id}"},
		"needed":              {nil, []string{cmp.CallDevice}, "is no call that may be missing"},
		"missing and there":   {map[string]string{cmp.CallBind: "device/bound"}, []string{cmp.CallBind}, "so it is not missing"},
	} {
		_, err := cmp.New(cmp.Options{BaseURL: "https://cmp.example", Signing: cmp.SigningNone, Timeout: time.Second, Rate: 1, MaxConns: 1, Paths: tt.paths, Missing: tt.missing})
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
}
