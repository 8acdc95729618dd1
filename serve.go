package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"cmpconsole/internal/annotate"
	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/config"
	"cmpconsole/internal/inquiry"
	"cmpconsole/internal/live"
	"cmpconsole/internal/mirror"
	"cmpconsole/internal/notebook"
	"cmpconsole/internal/ops"
	"cmpconsole/internal/store"
	"cmpconsole/internal/views"
)

// callTime bounds one call of the CMP: the wait for its turn, the call, and some room.
func callTime(cfg config.Config) time.Duration { return 2*cfg.CMP.Timeout + 5*time.Second }

// changeTime bounds one change: its intent is written, it is sent, and its outcome is written.
func changeTime(cfg config.Config) time.Duration {
	return store.WriteTime + callTime(cfg) + ops.RecordTime
}

// gcPercent is how far the heap may grow before it is collected. Most of it are the columns of the mirror, which hold no pointers and cost
// the collector nothing: a heap that may double because of them would be memory for nothing.
const gcPercent = 30

// serve runs the console until ctx ends: config, store, services, views, serve, stop.
func (p program) serve(ctx context.Context, args []string) (err error) {
	cfg, err := config.Load(args, p.getenv, p.stderr)
	if err != nil {
		return err
	}
	if p.getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	logger := slog.New(slog.NewJSONHandler(p.stderr, nil))
	release, err := takeDataDir(cfg)
	if err != nil {
		return err
	}
	defer release()
	db, err := store.Open(ctx, cfg.Database())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	log := audit.New(db, time.Now)
	notary, err := newNotary(cfg, db, logger)
	if err != nil {
		return err
	}
	defer func() { // when nobody else appends any more
		ctx := context.WithoutCancel(ctx)
		if err := log.Stopped(ctx); err != nil {
			logger.Error("stop not recorded", "err", err)
		}
		notary.Last(ctx)
	}()
	fleet, err := openMirror(ctx, cfg, db)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, fleet.Close()) }()
	b := newBackground(ctx)
	defer b.stop()
	defer func() { err = errors.Join(err, log.Flush(context.WithoutCancel(ctx))) }()
	return p.serveOn(ctx, cfg, db, fleet, log, notary, b, logger)
}

// serveOn puts the console together on an open database, and runs it with what it does in the background.
func (p program) serveOn(ctx context.Context, cfg config.Config, db *store.DB, fleet *mirror.Mirror, log *audit.Log, notary *audit.Notary, b *background, logger *slog.Logger) (err error) {
	users := auth.NewUsers(db, time.Now)
	var demo *views.Demo
	ready := func(string) error { return nil }
	if cfg.Demo {
		if demo, ready, err = p.startDemo(b.ctx, &b.running, &cfg, users, log, logger); err != nil {
			return err
		}
	}
	watch := audit.NewWatch(cfg.Database(), audit.Witness{Keys: publicKeys(cfg.AuditKey), Anchor: cfg.AnchorFile}, db, time.Now, logger)
	if err := watch.Start(ctx); err != nil {
		return err
	}
	room := func() (uint64, error) { return freeSpace(cfg.DataDir) }
	gate := ops.NewGate(db, log, watch.State, room, cfg.ReadOnly, time.Now)
	deps, err := services(ctx, cfg, db, fleet, log, gate, notary, logger)
	if err != nil {
		return err
	}
	deps.Users, deps.Demo, deps.ChainState = users, demo, watch.State
	deps.Checkpoints = audit.NewCheckpoints(db, publicKeys(cfg.AuditKey))
	pages := views.New(deps)
	handler, err := pages.Handler()
	if err != nil {
		return err
	}
	if err := log.Started(ctx); err != nil {
		logger.Error("start not recorded", "err", err)
	}
	b.running.Go(func() { deps.Sync.Run(b.ctx) })
	b.running.Go(func() { deps.Asker.Run(b.ctx) })
	b.every(time.Second, deps.Actions.WriteEnds)
	b.every(time.Second, deps.Actions.Reconcile)
	callbacks := newProcessor(cfg, deps)
	b.every(time.Second, callbacks.Run)
	b.every(time.Second, callbacks.RunMessages)
	b.every(time.Second, deps.Eraser.Run)
	b.every(time.Second, pages.Run)
	b.every(audit.WatchEvery, watch.Run)
	b.every(audit.NotaryEvery, notary.Run)
	b.every(audit.TextsEvery, audit.NewTextIndexer(log, cfg.Texts(), room, logger).Run)
	stop := func() { // no action begins, and no stream is waited for
		deps.Actions.Stop()
		deps.Annotations.Stop()
		deps.Live.Close()
	}
	defer deps.Actions.Wait()
	defer deps.Annotations.Wait()
	return p.listen(ctx, cfg, handler, stop, ready, logger)
}

// background is what runs beside the pages, until the pages have ended.
type background struct {
	ctx     context.Context //nolint:containedctx // it is the life of what runs here, not of a call
	cancel  context.CancelFunc
	running sync.WaitGroup
}

func newBackground(ctx context.Context) *background {
	b := &background{}
	b.ctx, b.cancel = context.WithCancel(context.WithoutCancel(ctx))
	return b
}

// every runs what looks at every tick.
func (b *background) every(d time.Duration, run func(ctx context.Context, tick <-chan time.Time)) {
	b.running.Go(func() {
		ticker := time.NewTicker(d)
		defer ticker.Stop()
		run(b.ctx, ticker.C)
	})
}

// stop ends all of it and waits for that.
func (b *background) stop() {
	b.cancel()
	b.running.Wait()
}

// services builds what stands between the database and the pages, and closes what a crash left open.
func services(ctx context.Context, cfg config.Config, db *store.DB, fleet *mirror.Mirror, log *audit.Log, gate *ops.Gate, notary *audit.Notary, logger *slog.Logger) (views.Deps, error) {
	client, err := newClient(cfg, logger)
	if err != nil {
		return views.Deps{}, err
	}
	hub := live.New(live.Options{})
	keeper, err := mirror.NewSync(ctx, fleet, client, mirror.SyncOptions{Every: cfg.SyncEvery, Size: cfg.PageSize, Publish: hub.Publish, Now: time.Now, Logger: logger})
	if err != nil {
		return views.Deps{}, err
	}
	feed := mirror.NewFeed(client, fleet, time.Now, logger)
	actions := ops.NewActions(db, log, feed, ops.Options{Timeout: callTime(cfg), Closed: gate.Closed, BatchDone: notary.Soon, Changed: keeper.Changed, Publish: hub.Publish, Now: time.Now, Logger: logger})
	if err := actions.Recover(ctx); err != nil {
		return views.Deps{}, err
	}
	lists, book := notebook.NewSelections(db, time.Now), notebook.New(db, time.Now)
	deps := views.Deps{
		CMP: feed, Live: hub, Mirror: fleet, Sync: keeper, Actions: actions, Gate: gate, Eraser: ops.NewEraser(db, log, time.Now, logger), Sessions: auth.NewSessions(db, auth.Options{Secure: cfg.Secure(), Now: time.Now}),
		Book: book, Selections: lists, Annotations: annotate.New(book, lists, log, annotate.Options{Relabel: fleet.Relabel, Publish: hub.Publish, Logger: logger}), Asker: inquiry.New(lists, feed, inquiry.Options{Changed: fleet.Reselected, Now: time.Now, Logger: logger}), Inbox: newInbox(cfg, db, log), Audit: log, Logger: logger, Now: time.Now, Secure: cfg.Secure(), Proxies: cfg.TrustedProxies,
		OnlyProxies: cfg.TLSCert == "" && !config.Loopback(cfg.Addr),
	}
	deps.PushQuiet = cfg.CMP.PushQuiet
	if err := deps.Inbox.Await(ctx); err != nil {
		return views.Deps{}, err
	}
	if cfg.BaseURL != nil {
		deps.BaseURL = strings.TrimRight(cfg.BaseURL.String(), "/")
		deps.Origins = []string{cfg.BaseURL.Scheme + "://" + cfg.BaseURL.Host}
	}
	return deps, nil
}

// listen serves until ctx ends, then lets no action begin and waits for the requests in flight. ready hears the address.
func (p program) listen(ctx context.Context, cfg config.Config, handler http.Handler, stop func(), ready func(address string) error, logger *slog.Logger) error {
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", cfg.Addr)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	srv := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10,                                         // callbacks are kept with theirs
		WriteTimeout:   callTime(cfg) + changeTime(cfg) + 10*time.Second, // an action reads, then changes
		ErrorLog:       slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
	scheme := "http"
	serve := func() error { return srv.Serve(ln) }
	if cfg.TLSCert != "" {
		scheme, serve = "https", func() error { return srv.ServeTLS(ln, cfg.TLSCert, cfg.TLSKey) }
	}
	address := scheme + "://" + ln.Addr().String()
	if err := ready(address); err != nil {
		return errors.Join(err, ln.Close())
	}
	logger.Info("listening", "address", address, "demo", cfg.Demo)
	failed := make(chan error, 1)
	go func() { failed <- serve() }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	stop()
	return drain(srv, changeTime(cfg), logger)
}

// drain ends the server when its requests in flight have ended, or the time is over.
func drain(srv *http.Server, limit time.Duration, logger *slog.Logger) error {
	logger.Info("stopping", "limit", limit.String())
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	if err := srv.Shutdown(ctx); err != nil {
		return errors.Join(fmt.Errorf("requests in flight did not end in %s: %w", limit, err), srv.Close())
	}
	logger.Info("stopped")
	return nil
}
