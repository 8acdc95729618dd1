package audit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/note"
)

// announce records that another key signs from now on than the one that signed the newest checkpoint, naming both;
// the next checkpoint covers that row. It says so once.
func (n *Notary) announce(ctx context.Context) error {
	var signed []byte
	err := n.db.Read().QueryRowContext(ctx, `SELECT note FROM audit_checkpoint ORDER BY size DESC LIMIT 1`).Scan(&signed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read checkpoints: %w", err)
	}
	before := signerOf(signed, n.keys)
	now := keyID(n.key.KeyHash())
	if before == now || n.announced == now {
		return nil
	}
	e := Entry{Actor: Console, Action: AuditKey, Phase: Event, Outcome: OK, Detail: []Field{{"key_before", before}, {"key_now", now}}}
	err = n.db.Write(ctx, func(tx *sql.Tx) error {
		_, err := New(n.db, n.now).AppendTx(ctx, tx, e)
		return err
	})
	if err == nil {
		n.announced = now
	}
	return err
}

// signerOf names the key that signed a note: the one of our keys that did, or none of them.
func signerOf(signed []byte, keys note.Verifiers) string {
	opened, err := note.Open(signed, keys)
	if err != nil {
		return "not one of the public keys that are known here"
	}
	return keyID(opened.Sigs[0].Hash)
}

// keyID is a key as notes name it.
func keyID(hash uint32) string { return fmt.Sprintf("%s+%08x", keyName, hash) }
