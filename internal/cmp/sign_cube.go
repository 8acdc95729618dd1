package cmp

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // the API asks for SHA-1
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

const headerAuthorization = "Authorization"

// cubeSigner is what the profiles cube-v1 and cube-v2 share: the RSA key and the header of its signature.
type cubeSigner struct {
	keyID string
	rsa   func(text string) ([]byte, error) // holds the private key, so that printing a signer cannot show it
}

func newCubeSigner(o Options) (signer, error) {
	key, err := privateKey(o.SecretKey)
	if err != nil {
		return nil, err
	}
	s := cubeSigner{keyID: o.AccessKey, rsa: func(text string) ([]byte, error) {
		digest := sha1.Sum([]byte(text)) //nolint:gosec // the API asks for SHA-1
		return rsa.SignPKCS1v15(nil, key, crypto.SHA1, digest[:])
	}}
	if o.Signing == SigningCubeV1 {
		return cubeV1Signer{s}, nil
	}
	return cubeV2Signer{s}, nil
}

func (s cubeSigner) authorise(req *http.Request, text string) error {
	signature, err := s.rsa(text)
	if err != nil {
		return err
	}
	req.Header.Set(headerAuthorization, "LF "+s.keyID+"/"+base64.StdEncoding.EncodeToString(signature))
	return nil
}

// cubeV1Signer is the profile cube-v1: timestamp and nonce stand among the parameters.
type cubeV1Signer struct{ cubeSigner }

func (s cubeV1Signer) sign(req *http.Request, now time.Time) error {
	p, err := paramsOf(req)
	if err != nil {
		return err
	}
	p["timestamp"], p["nonce"] = milliseconds(now), json.Number(nonce())
	p.replace(req)
	return s.authorise(req, p.cubeV1(req))
}

// cubeV1 is the text that version 1 signs. Values of a query are texts there unless the document makes them integers.
func (p params) cubeV1(req *http.Request) string {
	for _, name := range []string{"nonce", "page_no", "page_size", "period_type"} {
		if v, ok := p[name].(string); ok && v != "" && req.Method == http.MethodGet {
			p[name] = json.Number(v)
		}
	}
	return p.signed(inPath(req))
}

// cubeV2Signer is the profile cube-v2: timestamp and nonce stand in headers, and the path is signed whole.
type cubeV2Signer struct{ cubeSigner }

func (s cubeV2Signer) sign(req *http.Request, now time.Time) error {
	p, err := paramsOf(req)
	if err != nil {
		return err
	}
	at, ok := p["timestamp"].(string)
	if !ok {
		at = milliseconds(now) // a call with a timestamp of its own lends it, since the signed text has room for one
	}
	req.Header.Set("timestamp", at)
	req.Header.Set("nonce", nonce())
	req.Header.Set("X-LF-Signature-Type", "2.0")
	return s.authorise(req, p.cubeV2(req))
}

// cubeV2 is the text that version 2 signs.
func (p params) cubeV2(req *http.Request) string {
	h := req.Header
	return p.signed(params{"timestamp": h.Get("timestamp"), "nonce": h.Get("nonce"), "x-sign-uri": req.URL.EscapedPath()})
}

// nonce is a random integer of 31 bits, which fits whatever integer the CMP reads it into.
func nonce() string {
	var b [4]byte
	_, _ = rand.Read(b[:]) // never fails
	return strconv.Itoa(int(binary.BigEndian.Uint32(b[:]) >> 1))
}
