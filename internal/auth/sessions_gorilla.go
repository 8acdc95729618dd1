package auth

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/gob"
	"encoding/hex"
	"fmt"
	"net/http"

	"github.com/gorilla/sessions"
)

const maxSessionData = 80 << 10 // bytes that a session may hold beside its identity: a whole form that was typed

var _ sessions.Store = (*Sessions)(nil)

// Get returns the request's session, the same one for the whole request.
func (s *Sessions) Get(r *http.Request, name string) (*sessions.Session, error) {
	return sessions.GetRegistry(r).Get(s, name)
}

// New reads the request's session from the database. Without a live one the result is new and empty, and
// only Login can make it last. There is one session a browser: its name is CookieName.
func (s *Sessions) New(r *http.Request, name string) (*sessions.Session, error) {
	session := sessions.NewSession(s, name)
	session.Options, session.IsNew = s.cookieOptions(), true
	if name != s.CookieName() {
		return session, fmt.Errorf("session %q: the only session is %q", name, s.CookieName())
	}
	token, ok := s.token(r)
	if !ok {
		return session, nil
	}
	if _, err := s.Identity(r); err != nil {
		return session, ignoreSignedOut(err)
	}
	session.ID, session.IsNew = hex.EncodeToString(keyOf(token)), false
	return session, s.readData(r.Context(), session)
}

// Save keeps the session's values, or ends the session when its MaxAge is negative. A session that was
// revoked meanwhile stays so: ErrNoSession.
func (s *Sessions) Save(r *http.Request, w http.ResponseWriter, session *sessions.Session) error {
	if session.Options != nil && session.Options.MaxAge < 0 {
		return s.Logout(w, r, nil)
	}
	if session.ID == "" {
		if len(session.Values) == 0 {
			return nil
		}
		return ErrNoSession
	}
	return s.writeData(r.Context(), session)
}

func (s *Sessions) readData(ctx context.Context, session *sessions.Session) error {
	key, err := hex.DecodeString(session.ID)
	if err != nil {
		return fmt.Errorf("session id: %w", err)
	}
	data, err := selectData(ctx, s.db.Read(), key)
	if err != nil || len(data) == 0 {
		return err
	}
	if err := gob.NewDecoder(bytes.NewReader(data)).Decode(&session.Values); err != nil {
		return fmt.Errorf("read session data: %w", err)
	}
	return nil
}

func (s *Sessions) writeData(ctx context.Context, session *sessions.Session) error {
	key, err := hex.DecodeString(session.ID)
	if err != nil {
		return fmt.Errorf("session id: %w", err)
	}
	data, err := encodeData(session.Values)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *sql.Tx) error { return updateData(ctx, tx, key, data) })
}

// Remember keeps values in a session that has just begun, in the transaction that begins it.
func Remember(ctx context.Context, tx *sql.Tx, id Identity, values map[any]any) error {
	if len(values) == 0 {
		return nil
	}
	data, err := encodeData(values)
	if err != nil {
		return err
	}
	return updateData(ctx, tx, id.key, data)
}

func encodeData(values map[any]any) ([]byte, error) {
	var data bytes.Buffer
	if len(values) > 0 {
		if err := gob.NewEncoder(&data).Encode(values); err != nil {
			return nil, fmt.Errorf("write session data: %w", err)
		}
	}
	if data.Len() > maxSessionData {
		return nil, fmt.Errorf("write session data: %d bytes, at most %d fit", data.Len(), maxSessionData)
	}
	return data.Bytes(), nil
}
