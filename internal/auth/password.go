package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// argonParams is the cost of one hash: memory in KiB, passes over it, lanes.
type argonParams struct {
	memory uint32
	passes uint32
	lanes  uint8
}

// defaultArgon is OWASP's minimum: about 25 ms on one core.
var defaultArgon = argonParams{memory: 19 * 1024, passes: 2, lanes: 1}

const (
	saltSize   = 16
	digestSize = 32
	hashSlots  = 2 // each running hash takes a core and 19 MiB
)

var errPHC = errors.New("not an argon2id hash that this version reads")

// phc is a stored password hash: $argon2id$v=19$m=…,t=…,p=…$salt$digest.
type phc struct {
	argonParams
	salt   []byte
	digest []byte
}

func (p phc) String() string {
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.memory, p.passes, p.lanes, b64(p.salt), b64(p.digest))
}

// parsePHC reads only what String writes, within bounds: a row that somebody edited must not take all memory.
func parsePHC(s string) (phc, error) {
	parts := strings.Split(s, "$")
	if len(parts) != 6 || len(s) > 256 {
		return phc{}, errPHC
	}
	var p phc
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.memory, &p.passes, &p.lanes); err != nil {
		return phc{}, errPHC
	}
	var saltErr, digestErr error
	p.salt, saltErr = base64.RawStdEncoding.DecodeString(parts[4])
	p.digest, digestErr = base64.RawStdEncoding.DecodeString(parts[5])
	if saltErr != nil || digestErr != nil || p.String() != s || !p.bounded() {
		return phc{}, errPHC
	}
	return p, nil
}

func (p phc) bounded() bool {
	return p.memory >= 8 && p.memory <= 256*1024 && p.passes >= 1 && p.passes <= 16 && p.lanes >= 1 && p.lanes <= 16 &&
		len(p.salt) >= 8 && len(p.salt) <= 64 && len(p.digest) >= 16 && len(p.digest) <= 64
}

// weaker tells whether a hash made with p deserves a new one made with q.
func (p argonParams) weaker(q argonParams) bool {
	return p.memory < q.memory || p.passes < q.passes || p.lanes < q.lanes
}

// hasher makes and checks password hashes, a few at a time.
type hasher struct {
	params argonParams
	slots  chan struct{}
	derive func(password, salt []byte, p argonParams, size uint32) []byte
}

func newHasher(p argonParams) *hasher {
	return &hasher{params: p, slots: make(chan struct{}, hashSlots), derive: deriveArgon}
}

func deriveArgon(password, salt []byte, p argonParams, size uint32) []byte {
	return argon2.IDKey(password, salt, p.passes, p.memory, p.lanes, size)
}

// run waits for a slot, unless the caller gives up first.
func (h *hasher) run(ctx context.Context, password string, p phc) ([]byte, error) {
	select {
	case h.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("wait to hash a password: %w", ctx.Err())
	}
	defer func() { <-h.slots }()
	return h.derive([]byte(password), p.salt, p.argonParams, uint32(len(p.digest))), nil
}

func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	p := h.blank()
	rand.Read(p.salt)
	digest, err := h.run(ctx, password, p)
	p.digest = digest
	return p.String(), err
}

// verify tells whether the password fits the stored hash. An empty stored hash stands for a user who does
// not exist: it costs one hash as well and never fits.
func (h *hasher) verify(ctx context.Context, stored, password string) (bool, error) {
	p := h.blank()
	if stored != "" {
		var err error
		if p, err = parsePHC(stored); err != nil {
			return false, err
		}
	}
	digest, err := h.run(ctx, password, p)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(digest, p.digest) == 1 && stored != "", nil
}

// outdated tells whether a stored hash is weaker than today's settings ask for.
func (h *hasher) outdated(stored string) bool {
	p, err := parsePHC(stored)
	return err == nil && p.weaker(h.params)
}

func (h *hasher) blank() phc {
	return phc{h.params, make([]byte, saltSize), make([]byte, digestSize)}
}
