package main

import (
	gocmp "cmp"
	"context"
	"fmt"
	"log/slog"
	"strings"

	"cmpconsole/internal/cmp"
	"cmpconsole/internal/cmpsim"
	"cmpconsole/internal/config"
)

// sandbox runs the sandbox CMP alone. The settings of signing that a console would have turn its check of signatures on; the
// one of callbacks is part of their addresses.
func (p program) sandbox(ctx context.Context, args []string) error {
	flags := p.flags("sandbox")
	addr := flags.String("addr", "127.0.0.1:8090", "loopback address to listen on; port 0 picks a free one")
	devices := flags.Int("devices", 0, "size of the fleet, up to 4000000; 0 for the usual 3000")
	seed := flags.Uint64("seed", 0, "the same number gives the same fleet")
	state := flags.String("state", "", "file that keeps changes over a restart")
	pushTo := flags.String("push-to", "", "address on this machine that callbacks go to: a console's, such as http://127.0.0.1:8080, with CMP_PUSH_TOKEN in the environment; any other without")
	if err := parseNames(flags, args, 0); err != nil {
		return err
	}
	logger := slog.New(slog.NewJSONHandler(p.stderr, nil))
	shared, err := config.Sandbox(p.getenv)
	if err != nil {
		return err
	}
	opts, err := checkedSignatures(shared)
	if err != nil {
		return err
	}
	if *pushTo != "" {
		opts.PushTo = pushAddresses(*pushTo, shared)
	}
	opts.Devices, opts.Seed, opts.StateFile, opts.Logger = *devices, *seed, *state, logger
	sim, err := cmpsim.New(opts)
	if err != nil {
		return err
	}
	ln, err := cmpsim.Listen(*addr)
	if err != nil {
		return err
	}
	logger.Info("sandbox CMP", "signatures", gocmp.Or(opts.Signing, "not checked"), "address", "http://"+ln.Addr().String(), "help", "http://"+ln.Addr().String()+"/sandbox/")
	return sim.Serve(ctx, ln)
}

// checkedSignatures says how the sandbox checks signatures. For Cube it takes the private key with which a console signs,
// of which it uses the public half, or a public key alone.
func checkedSignatures(keys config.CMP) (opts cmpsim.Options, err error) {
	opts.Signing, opts.AccessKey, opts.SecretKey = keys.Signing, keys.AccessKey, keys.SecretKey.Reveal()
	switch keys.Signing {
	case config.SigningNone:
		return cmpsim.Options{}, nil
	case config.SigningHMAC:
		if opts.AccessKey+opts.SecretKey == "" {
			opts.Signing = "" // the profile when nothing is set
		}
	case config.SigningCubeV1, config.SigningCubeV2:
		if opts.PublicKey, err = cmp.VerifyingKey(opts.SecretKey); err != nil {
			return opts, fmt.Errorf("CMP_SECRET_KEY or CMP_SECRET_KEY_FILE: %w; a public key does as well", err)
		}
		opts.SecretKey = ""
	}
	return opts, nil
}

// pushAddresses are where callbacks go: to the console at an address, by its token, or without one to the address itself.
func pushAddresses(address string, keys config.CMP) cmpsim.PushAddresses {
	if tokens := keys.PushTokens(); len(tokens) > 0 {
		address = strings.TrimRight(address, "/") + "/push/" + tokens[0]
	}
	return cmpsim.PushTo(address)
}
