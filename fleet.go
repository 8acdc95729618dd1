package main

import (
	"context"
	"log/slog"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/config"
	"cmpconsole/internal/mirror"
	"cmpconsole/internal/notebook"
	"cmpconsole/internal/ops"
	"cmpconsole/internal/store"
	"cmpconsole/internal/views"
	"cmpconsole/internal/webhook"
)

// openMirror opens the copy of the fleet, which learns from the notebook and the actions what is ours about a device.
func openMirror(ctx context.Context, cfg config.Config, db *store.DB) (*mirror.Mirror, error) {
	book := notebook.New(db, time.Now)
	return mirror.Open(ctx, cfg.Mirror(), mirror.Options{Labels: book.Labels, Labelled: book.Labelled, Bound: ops.Bound(db), Members: notebook.NewSelections(db, time.Now).Members})
}

// newInbox returns what the CMP's callbacks come into.
func newInbox(cfg config.Config, db *store.DB, log *audit.Log) *webhook.Inbox {
	return webhook.NewInbox(db, webhook.Options{Tokens: cfg.CMP.PushTokens(), Sources: cfg.CMP.PushFrom, Key: cfg.CMP.PushKey.Reveal(), Log: log, Now: time.Now})
}

// newProcessor returns what turns callbacks into reads of the CMP.
func newProcessor(cfg config.Config, d views.Deps) *webhook.Processor {
	return webhook.NewProcessor(d.Inbox, webhook.Parts{CMP: d.CMP, Actions: d.Actions, Fleet: d.Mirror, Refresh: d.Sync.Changed, Tell: d.Live.Publish, Timeout: callTime(cfg), Logger: d.Logger})
}

// newClient returns the client of the CMP.
func newClient(cfg config.Config, logger *slog.Logger) (*cmp.Client, error) {
	return cmp.New(cmp.Options{
		BaseURL: cfg.CMP.BaseURL, AccessKey: cfg.CMP.AccessKey, SecretKey: cfg.CMP.SecretKey.Reveal(), Signing: cfg.CMP.Signing,
		Language: cfg.CMP.Language, Timeout: cfg.CMP.Timeout, Rate: cfg.CMP.Rate, MaxConns: cfg.CMP.MaxConns,
		Paths: cfg.CMP.Paths, Missing: cfg.CMP.Missing, Now: time.Now, Logger: logger,
	})
}
