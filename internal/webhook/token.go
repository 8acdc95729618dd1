package webhook

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/netip"
	"slices"
)

// Admits tells whether a callback to an address with a token counts, from where it comes. It takes the same time whatever the token is like, and wherever it
// differs.
func (i *Inbox) Admits(token, source string) bool {
	given, met := sha256.Sum256([]byte(token)), 0
	for _, one := range i.Tokens {
		own := sha256.Sum256([]byte(one))
		met |= subtle.ConstantTimeCompare(given[:], own[:])
	}
	return met == 1 && i.from(source)
}

func (i *Inbox) from(source string) bool {
	if len(i.Sources) == 0 {
		return true
	}
	addr, err := netip.ParseAddr(source)
	return err == nil && slices.ContainsFunc(i.Sources, func(p netip.Prefix) bool { return p.Contains(addr.Unmap()) })
}
