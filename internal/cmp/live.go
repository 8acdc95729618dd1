package cmp

import (
	"context"
	"math"
	"strconv"
	"strings"
)

// Live is the data session of an IMSI at this moment, with its counters.
type Live struct {
	ReturnCode                         string // 0 there is one; else why there is none
	IMSI, MSISDN, IMEI                 string
	SessionStart, LastActivity, LastLU Time
	MT, MO                             SMSCounter
	LastSMSError                       string
	LastSMSErrorTime                   Time
	CustomerNo                         string
	Data                               LiveData
}

// SMSCounter counts the session's messages of one direction; what is not given is empty.
type SMSCounter struct {
	Count, Errors string
	Last          Time
	LastTo        string
}

// LiveData is the packet data part of a session.
type LiveData struct {
	Active, ActiveKnown    bool
	Activation             Time
	IP, DestinationAddress string
	TX, RX                 Counter // bytes
	LastTX, LastRX         Time
}

// Counter is a number that the CMP gives in floating-point form. INF, NaN and what cannot be read have no value.
type Counter struct {
	Raw   string
	Bytes int64
	Known bool
}

// Why says in words why there is no live session, by the return codes of the document; it is empty for 0.
func (l Live) Why() string {
	switch l.ReturnCode {
	case "0":
		return ""
	case "1":
		return "resource not available"
	case "2":
		return "error in service"
	case "3":
		return "internal error"
	case "4":
		return "resource not visible"
	}
	return "code " + l.ReturnCode
}

// LiveSession reads the live session of an IMSI (API document, "Query the latest SMS CDR"). A card without one is no
// error: then ReturnCode is not 0. Times are shown as they come, since the document states no zone.
func (c *Client) LiveSession(ctx context.Context, imsi string) (Live, error) {
	const op = "sms/queryLatestCDR"
	n, err := c.read(ctx, op, struct {
		IMSI string `json:"imsi"`
	}{imsi})
	if err != nil {
		return Live{}, err
	}
	if n == nil {
		return Live{}, notFound(op, errNoSession)
	}
	data := n.child("gprs")
	l := Live{
		ReturnCode: n.text("return_code"), IMSI: n.text("imsi"), MSISDN: filler(n.text("msisdn")), IMEI: n.text("imei"), SessionStart: parseTime(n.text("session_start")),
		LastActivity: parseTime(n.text("last_activity")), LastLU: parseTime(n.text("last_lu")), MT: counterFrom(n.child("sms_mt")), MO: counterFrom(n.child("sms_mo")),
		LastSMSError: n.text("last_sms_error"), LastSMSErrorTime: parseTime(n.text("last_sms_error_time")), CustomerNo: n.text("customer_no"),
		Data: LiveData{
			Activation: parseTime(data.text("activation")), IP: data.text("ip"), DestinationAddress: data.text("gi_dest_address"),
			TX: parseCounter(data.text("tx")), RX: parseCounter(data.text("rx")), LastTX: parseTime(data.text("last_tx")), LastRX: parseTime(data.text("last_rx")),
		},
	}
	l.Data.Active, l.Data.ActiveKnown = data.flag("pdp_active")
	return l, nil
}

func counterFrom(n *node) SMSCounter {
	return SMSCounter{Count: n.text("count"), Errors: n.text("sms_error_count"), Last: parseTime(n.text("last_sms")), LastTo: n.text("last_dest")}
}

// parseCounter reads the forms that the document lists: 123.456, +1234.456, -1.2344e56, -.45E-6, INF, -INF and NaN.
func parseCounter(raw string) Counter {
	c := Counter{Raw: raw}
	f, err := strconv.ParseFloat(strings.TrimSpace(raw), 64)
	if err == nil && f >= 0 && f < math.MaxInt64 {
		c.Bytes, c.Known = int64(f), true
	}
	return c
}
