package audit

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// keyName stands in every signature.
const keyName = "cmpconsole-audit"

// LoadKey reads the key that signs checkpoints, and makes it when there is none: the secret in file, readable
// by its owner only, and the public key, for auditors to keep, as one more line of file + ".pub".
func LoadKey(file string) (note.Signer, error) {
	secret, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		secret, err = makeKey(file)
	}
	if err != nil {
		return nil, fmt.Errorf("key of the audit log: %w", err)
	}
	key, err := note.NewSigner(strings.TrimSpace(string(secret)))
	if err != nil {
		return nil, fmt.Errorf("key of the audit log in %s: %w", file, err)
	}
	return key, nil
}

func makeKey(file string) ([]byte, error) {
	secret, public, err := note.GenerateKey(rand.Reader, keyName)
	if err != nil {
		return nil, err
	}
	if err := appendSynced(file+".pub", []byte(public+"\n"), 0o644); err != nil {
		return nil, err
	}
	return []byte(secret), createSynced(file, []byte(secret+"\n"), 0o600)
}

// createSynced makes a file that is whole or not there, also after a crash. It overwrites none.
func createSynced(file string, content []byte, mode fs.FileMode) error {
	part := file + ".part"
	if err := os.Remove(part); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := appendSynced(part, content, mode); err != nil {
		return err
	}
	return errors.Join(os.Link(part, file), os.Remove(part))
}

// ReadKeys reads public keys, one a line: a log whose key was exchanged has several.
func ReadKeys(file string) (note.Verifiers, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("public keys of the audit log: %w", err)
	}
	var keys []note.Verifier
	for line := range strings.Lines(string(content)) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		key, err := note.NewVerifier(line)
		if err != nil {
			return nil, fmt.Errorf("public keys of the audit log in %s: %w", file, err)
		}
		keys = append(keys, key)
	}
	return note.VerifierList(keys...), nil
}

// appendSynced adds to a file, which it makes when there is none, and waits until that is on the disk. What was
// written in part, as on a full disk, is taken back; a crash in between may leave it.
func appendSynced(file string, content []byte, mode fs.FileMode) error {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	before, err := f.Seek(0, io.SeekEnd)
	if err == nil {
		if _, err = f.Write(content); err != nil {
			err = errors.Join(err, f.Truncate(before))
		}
	}
	return errors.Join(err, f.Sync(), f.Close())
}
