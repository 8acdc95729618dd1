package cmp

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// ownError is a cause in our own words, which an operator may read as they stand.
type ownError string

func (e ownError) Error() string { return string(e) }

// Why nothing was sent, though nothing hindered it.
const (
	errBusy         ownError = "the console was too busy to send this in time"
	errUnsigned     ownError = "requests are not signed (CMP_SIGNING=none), so nothing is changed on a CMP that is not on this machine"
	errMissing      ownError = "this CMP installation does not offer the call"
	errNoOrderID    ownError = "this is no order id, so nothing was sent"
	errNoDeviceID   ownError = "this is no device id, so nothing was sent"
	errNoCause      ownError = "ending an order early needs a reason, so nothing was sent"
	errNoDeviceType ownError = "the device type must be 1 to 5 or empty, so nothing was sent"
	errNoBulkOrder  ownError = "a bulk order needs devices, a package and a number of periods, so nothing was sent"
	errNoSMS        ownError = "an SMS needs a text and, for each device, an id of its own, so nothing was sent"
	errNoIMEI       ownError = "an IMEI has 15 digits, or 16 with its software version, so nothing was sent"
)

// What makes an answer doubtful, whatever was asked.
const (
	errTooLarge     ownError = "the answer is larger than 16 MiB"
	errNotJSON      ownError = "the answer is not JSON"
	errNoEnvelope   ownError = "the answer is not a JSON object"
	errNoCode       ownError = "the answer has no code"
	errTwice        ownError = "the answer gives its code or success flag twice, differently"
	errContradicts  ownError = "the answer's code, success flag and HTTP status contradict each other"
	errServerFailed ownError = "the HTTP status says neither done nor refused"
	errDoubtfulCode ownError = "the answer's code is no clear refusal"
)

// What a success does not hold of what was asked for.
const (
	errNoObject    ownError = "the answer's data is no object"
	errNoDevice    ownError = "the answer holds no device"
	errNoSession   ownError = "the answer holds no session"
	errNoOrder     ownError = "the answer holds no such order"
	errNoResult    ownError = "the answer does not say what became of this device"
	errOtherDevice ownError = "the answer is about another device"
	errOtherOrder  ownError = "the answer is about another order"
	errRepeats     ownError = "the CMP repeats a page in place of the next"
	errTooMany     ownError = "more orders match than are read"
)

// Why is our own account of the failure, a sentence for the operator. No word of it is the CMP's, and it holds
// neither addresses nor keys.
func (e *Error) Why() string {
	text := e.account()
	if e.HTTPStatus != 0 && e.HTTPStatus != http.StatusOK {
		text += " (HTTP " + strconv.Itoa(e.HTTPStatus) + ")"
	}
	text = strings.ToUpper(text[:1]) + text[1:] + "."
	if e.HTTPStatus != 0 && e.RetryAfter > 0 {
		text += " The CMP asks to wait " + seconds(e.RetryAfter) + "."
	}
	return text
}

func (e *Error) account() string {
	own, worded := errors.AsType[ownError](e.Err)
	switch {
	case e.Code == "" && (e.HTTPStatus == http.StatusNotFound || e.HTTPStatus == http.StatusMethodNotAllowed):
		return "the CMP has nothing at this address; if the installation lacks the call or has it elsewhere, say so with CMP_MISSING or CMP_PATHS"
	case errors.Is(e.Err, context.Canceled):
		return "the call was given up before it ended"
	case e.TooMany():
		return "the CMP is asked too often and refuses to answer for now"
	case e.Kind == Unknown && e.HTTPStatus >= http.StatusInternalServerError:
		return "the CMP, or the gateway before it, has failed"
	case worded:
		return string(own)
	case e.Kind == Rejected:
		return "the CMP refused it"
	case e.Kind == Unauthorised:
		return "the CMP's gateway refused our signature or our rights"
	case e.Kind == NotFound:
		return "the CMP knows no such thing"
	case e.Kind == NotSent:
		return e.unsent()
	case e.HTTPStatus == 0 && e.Timeout():
		return "the CMP did not answer " + e.inTime()
	case e.HTTPStatus == 0:
		return "the connection broke before an answer came"
	case e.Timeout():
		return "the answer was not complete " + e.inTime()
	}
	return "the answer was cut off"
}

// unsent is the account of a request that found no connection.
func (e *Error) unsent() string {
	if e.Timeout() {
		return "no connection to the CMP was made " + e.inTime()
	}
	if errors.Is(e.Err, http.ErrSchemeMismatch) {
		return "the CMP speaks no TLS where its address says https"
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](e.Err); ok {
		return "the CMP's certificate is not trusted"
	}
	if _, ok := errors.AsType[*net.DNSError](e.Err); ok {
		return "the name of the CMP's host is not known"
	}
	if _, ok := errors.AsType[*net.OpError](e.Err); ok {
		return "no connection to the CMP could be made"
	}
	return "the request could not be sent"
}

// inTime names the limit that was met; some lie below the call's own.
func (e *Error) inTime() string {
	if seconds := e.took.Round(time.Second) / time.Second; seconds > 0 {
		return "within " + strconv.Itoa(int(seconds)) + " s"
	}
	return "in time"
}

// seconds writes a wait in whole seconds, rounded up.
func seconds(d time.Duration) string {
	return strconv.Itoa(int((d+time.Second-1)/time.Second)) + " s"
}
