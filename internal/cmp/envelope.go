package cmp

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
)

const (
	outerSuccess = "0000"
	innerSuccess = "CB-00-0000"
)

// doubtfulCode matches codes that do not say that nothing happened: a zero that is not the CMP's own, the
// success and the internal errors of the sibling APIs, and the HTTP statuses that leave a doubt.
var doubtfulCode = regexp.MustCompile(`^(-?0+(\.0+)?|200|408|425|429|499|5\d\d|CB-00-0000|CB-99-9500|CB-99-9999)$`)

// judge says what an answer means, taken as a whole: HTTP status, outer code, success flag and the inner
// status that some answers carry. The message text decides nothing. It returns the answer's data.
func judge(status int, content []byte) (any, *Error) {
	env, err := parseEnvelope(content)
	if err != nil {
		return nil, &Error{Kind: Unknown, HTTPStatus: status, Excerpt: excerpt(content), Err: err}
	}
	fail := &Error{HTTPStatus: status, Code: bounded(env.code, maxCode), Message: bounded(env.message, maxMessage)}
	if env.fromGateway(status) {
		fail.Kind = Unauthorised
		return nil, fail
	}
	if err := env.doubt(status); err != nil {
		fail.Kind, fail.Excerpt, fail.Err = Unknown, excerpt(content), err
		return nil, fail
	}
	if env.code != outerSuccess {
		fail.Kind = Rejected
		return nil, fail
	}
	if fail := env.inner(status); fail != nil {
		return nil, fail
	}
	return env.data, nil
}

// envelope is what stands around every answer.
type envelope struct {
	code, message string
	claims        bool // there is a success flag
	success       bool
	readable      bool // the success flag is a boolean
	twice         bool // code or success stands there twice, differently
	data          any
}

func parseEnvelope(content []byte) (envelope, error) {
	v, err := parseValue(content)
	if err != nil {
		return envelope{}, err
	}
	n, ok := v.(*node)
	if !ok {
		return envelope{}, errNoEnvelope
	}
	env := envelope{code: n.code(), message: n.text("message", "msg"), data: n.member("data"), claims: !isEmpty(n.member("success")),
		twice: n.ambiguous("code") || n.ambiguous("success")}
	env.success, env.readable = n.flag("success")
	return env, nil
}

// code returns the member that decides; the number 0 is the success code that lost its quotes, as 0000
// unquoted is no valid JSON.
func (n *node) code() string {
	switch v := n.member("code").(type) {
	case json.Number:
		if v == "0" {
			return outerSuccess
		}
		return v.String()
	case string:
		return strings.TrimSpace(v)
	}
	return ""
}

// fromGateway tells the refusal of the gateway before the CMP: a message and no code.
func (e envelope) fromGateway(status int) bool {
	return (status == http.StatusUnauthorized || status == http.StatusForbidden) &&
		e.code == "" && e.message != "" && !e.twice && (!e.claims || e.readable && !e.success)
}

// doubt returns why the answer says neither that the call was done nor that it was refused, nil when it does.
func (e envelope) doubt(status int) error {
	done, refused := status/100 == 2, status/100 == 4 && !isDoubtful(status)
	switch {
	case e.twice:
		return errTwice
	case e.code == "":
		return errNoCode
	case e.claims && (!e.readable || e.success != (e.code == outerSuccess)):
		return errContradicts
	case !done && !refused:
		return errServerFailed
	case e.code == outerSuccess && !done:
		return errContradicts
	case e.code != outerSuccess && doubtfulCode.MatchString(e.code):
		return errDoubtfulCode
	}
	return nil
}

// isDoubtful tells the statuses of class 4 that a gateway gives for a call of which it may have passed on something:
// it took too long, came too early, was one too many, or its sender left.
func isDoubtful(status int) bool {
	const clientClosedRequest = 499 // nginx's own
	switch status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests, clientClosedRequest:
		return true
	}
	return false
}

// inner judges the status that CDR and SMS answers carry inside their data; nil when it is a success or absent.
func (e envelope) inner(status int) *Error {
	data, _ := e.data.(*node)
	s := data.child("status")
	if isEmpty(s.member("code")) {
		return nil
	}
	code := s.code()
	fail := &Error{Kind: Rejected, HTTPStatus: status, Code: bounded(code, maxCode), Message: bounded(s.text("message"), maxMessage)}
	switch {
	case code == innerSuccess && !s.ambiguous("code"):
		return nil
	case code == "" || s.ambiguous("code") || doubtfulCode.MatchString(code):
		fail.Kind, fail.Err = Unknown, errDoubtfulCode
	}
	return fail
}
