package cmp

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"strings"
)

// minRSABits is the size of the keys that Cube makes; crypto/rsa signs with none below it.
const minRSABits = 1024

// Why a secret key cannot sign for Cube. No word of the key itself is told.
var (
	errNoPrivateKey = errors.New("cmp: signing with cube-v1 and cube-v2 needs an RSA private key as the secret key: PEM (PKCS#1 or PKCS#8) or the Base64 of its DER")
	errShortKey     = errors.New("cmp: the RSA private key is shorter than 1024 bits")
)

// privateKey reads an RSA key, PKCS#1 or PKCS#8, from PEM or from the Base64 that stands between its lines.
func privateKey(text string) (*rsa.PrivateKey, error) {
	der := keyBytes(text)
	key, err := x509.ParsePKCS1PrivateKey(der)
	if err != nil {
		other, _ := x509.ParsePKCS8PrivateKey(der)
		key, _ = other.(*rsa.PrivateKey)
	}
	switch {
	case key == nil:
		return nil, errNoPrivateKey
	case key.N.BitLen() < minRSABits:
		return nil, errShortKey
	}
	return key, nil
}

func keyBytes(text string) []byte {
	if block, _ := pem.Decode([]byte(text)); block != nil {
		return block.Bytes
	}
	der, _ := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	return der
}

// VerifyingKey reads the key that verifies what a client signs for Cube: the public half of its private key, or a
// public key by itself, PKIX or PKCS#1, from PEM or Base64.
func VerifyingKey(text string) (*rsa.PublicKey, error) {
	private, err := privateKey(text)
	if err == nil {
		return &private.PublicKey, nil
	}
	der := keyBytes(text)
	if key, err := x509.ParsePKCS1PublicKey(der); err == nil {
		return key, nil
	}
	other, _ := x509.ParsePKIXPublicKey(der)
	if key, ok := other.(*rsa.PublicKey); ok {
		return key, nil
	}
	return nil, err
}
