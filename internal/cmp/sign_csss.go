package cmp

import (
	"crypto/sha1" //nolint:gosec // the API asks for SHA-1
	"net/http"
	"time"
)

// csssVersion is the version of the signature that the older generation takes.
const csssVersion = "2.0"

// csssSigner is the profile csss: the signature stands among the parameters that it signs.
type csssSigner struct {
	accessCode string
	mac        func(text string) string // holds the secret, so that printing a signer cannot show it
}

func newCSSSSigner(accessCode, secret string) csssSigner {
	return csssSigner{accessCode: accessCode, mac: macWith(sha1.New, secret)}
}

func (s csssSigner) sign(req *http.Request, now time.Time) error {
	p, err := paramsOf(req)
	if err != nil {
		return err
	}
	p["access_code"], p["timestamp"], p["version"] = s.accessCode, milliseconds(now), csssVersion
	p["sign"] = s.mac(p.signed(inPath(req)))
	p.replace(req)
	return nil
}
