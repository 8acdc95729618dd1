package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmpsim"
	"cmpconsole/internal/config"
	"cmpconsole/internal/views"
	"cmpconsole/internal/webhook"
)

const demoPassword = "demo-console-2026"

// demoPushDelay keeps callbacks behind the answers to what they tell of, as a CMP's are.
const demoPushDelay = time.Second

// demoPage has the demo's fleet on the pages within seconds.
const demoPage = 1000

const demoGreeting = `
CMP Console, demo: a simulated CMP stands behind it.

  Open      %s
  Sign in   support, manager, auditor or admin
  Password  ` + demoPassword + `

`

var demoUsers = []auth.Role{auth.Support, auth.Manager, auth.Auditor, auth.Admin}

// startDemo starts the sandbox CMP, points the settings at it and makes sure that the demo users exist. ready takes the address
// of the console, once it listens: it tells people, and the sandbox, whose callbacks go nowhere before.
func (p program) startDemo(ctx context.Context, owned *sync.WaitGroup, cfg *config.Config, users *auth.Users, log *audit.Log, logger *slog.Logger) (demo *views.Demo, ready func(address string) error, err error) {
	if len(cfg.CMP.PushTokens()) == 0 {
		cfg.CMP.PushToken = config.Secret(rand.Text())
	}
	cfg.CMP.AccessKey, cfg.CMP.SecretKey, cfg.CMP.Signing = "demo", config.Secret(rand.Text()), config.SigningHMAC
	sim, err := cmpsim.New(cmpsim.Options{Devices: cfg.DemoDevices, AccessKey: cfg.CMP.AccessKey, SecretKey: cfg.CMP.SecretKey.Reveal(),
		StateFile: filepath.Join(cfg.DataDir, "sandbox.json"), Logger: logger})
	if err != nil {
		return nil, nil, err
	}
	if err := sim.SetPushScript(cmpsim.PushRule{Delay: demoPushDelay}); err != nil {
		return nil, nil, err
	}
	ln, err := cmpsim.Listen("127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	owned.Go(func() {
		if err := sim.Serve(ctx, ln); err != nil {
			logger.Error("sandbox", "err", err)
		}
	})
	cfg.CMP.BaseURL = "http://" + ln.Addr().String()
	cfg.PageSize = max(cfg.PageSize, demoPage)
	logger.Info("sandbox CMP", "address", cfg.CMP.BaseURL)
	ready = func(address string) error {
		fmt.Fprintf(p.stdout, demoGreeting, address)
		return sim.SetPushAddresses(pushAddresses(address, cfg.CMP))
	}
	if demo, err = addDemoUsers(ctx, users, log); err != nil {
		return nil, nil, err
	}
	demo.TestPush = func(kind webhook.Kind) error { return sim.TryPush(cmpsim.PushKind(kind)) }
	return demo, ready, nil
}

func addDemoUsers(ctx context.Context, users *auth.Users, log *audit.Log) (*views.Demo, error) {
	demo := &views.Demo{Password: demoPassword}
	known, err := users.Count(ctx)
	if err != nil {
		return nil, err
	}
	for _, role := range demoUsers {
		demo.Users = append(demo.Users, string(role))
		if known > 0 {
			continue
		}
		if _, err := users.Create(ctx, string(role), []auth.Role{role}, demoPassword, recordUser(ctx, log, audit.UserCreate)); err != nil {
			return nil, err
		}
	}
	return demo, nil
}
