package cmp

import (
	"encoding/json"
	"errors"
	"net/http"
)

const (
	apiPrefix    = "/cmp-api/"
	outerSuccess = "0000"
	innerSuccess = "CB-00-0000"
)

// judge says what an answer means, taken as a whole: HTTP status, outer code, success flag and the inner
// status that some answers carry. The message text decides nothing.
func judge(status int, content []byte) (json.RawMessage, *Error) {
	env, err := parseEnvelope(content)
	if err != nil {
		return nil, &Error{Kind: Unknown, HTTPStatus: status, Excerpt: excerpt(content), Err: err}
	}
	fail := &Error{HTTPStatus: status, Code: env.code, Message: bounded(env.message)}
	switch {
	case (status == http.StatusUnauthorized || status == http.StatusForbidden) && env.code == "":
		fail.Kind = Unauthorised
		return nil, fail
	case env.code == "" || env.contradicts() || status >= 500:
		fail.Excerpt = excerpt(content)
		return nil, fail
	case env.code != outerSuccess:
		if status >= 300 && status < 400 {
			return nil, fail
		}
		fail.Kind = Rejected
		return nil, fail
	case status < 200 || status >= 300:
		return nil, fail
	}
	if code, message, ok := env.inner(); ok && code != innerSuccess {
		return nil, &Error{Kind: Rejected, HTTPStatus: status, Code: code, Message: bounded(message)}
	}
	return env.data, nil
}

// envelope is what stands around every answer.
type envelope struct {
	code, message string
	success       *bool
	data          json.RawMessage
}

var errNoEnvelope = errors.New("the answer is not a JSON object")

func parseEnvelope(content []byte) (envelope, error) {
	n, err := parseNode(content)
	if err != nil {
		return envelope{}, err
	}
	if n == nil {
		return envelope{}, errNoEnvelope
	}
	env := envelope{code: zeroCode(n.text("code")), message: n.text("message", "msg")}
	if b, ok := n.flag("success"); ok {
		env.success = &b
	}
	env.data, err = rawMember(content, "data")
	return env, err
}

// zeroCode takes the number 0 for the success code that lost its quotes, as "0000" unquoted is no valid JSON.
func zeroCode(code string) string {
	if code == "0" {
		return outerSuccess
	}
	return code
}

// contradicts tells an answer whose code and success flag say different things.
func (e envelope) contradicts() bool {
	return e.success != nil && *e.success != (e.code == outerSuccess)
}

// inner returns the status that CDR and SMS answers carry inside their data.
func (e envelope) inner() (code, message string, ok bool) {
	data, err := parseNode(e.data)
	if err != nil || data == nil {
		return "", "", false
	}
	status := data.child("status")
	if status == nil || status.text("code") == "" {
		return "", "", false
	}
	return status.text("code"), status.text("message"), true
}
