package main

import (
	"context"
	"log/slog"

	"cmpconsole/internal/cmpsim"
)

// sandbox runs the sandbox CMP alone. Keys in the environment turn its check of signatures on.
func (p program) sandbox(ctx context.Context, args []string) error {
	flags := p.flags("sandbox")
	addr := flags.String("addr", "127.0.0.1:8090", "loopback address to listen on; port 0 picks a free one")
	devices := flags.Int("devices", 0, "size of the fleet; 0 for the usual 3000")
	seed := flags.Uint64("seed", 0, "the same number gives the same fleet")
	state := flags.String("state", "", "file that keeps changes over a restart")
	if err := parseNames(flags, args, 0); err != nil {
		return err
	}
	logger := slog.New(slog.NewJSONHandler(p.stderr, nil))
	sim, err := cmpsim.New(cmpsim.Options{Devices: *devices, Seed: *seed, StateFile: *state, Logger: logger,
		AccessKey: p.getenv("CMP_ACCESS_KEY"), SecretKey: p.getenv("CMP_SECRET_KEY")})
	if err != nil {
		return err
	}
	ln, err := cmpsim.Listen(*addr)
	if err != nil {
		return err
	}
	logger.Info("sandbox CMP", "address", "http://"+ln.Addr().String(), "help", "http://"+ln.Addr().String()+"/sandbox/")
	return sim.Serve(ctx, ln)
}
