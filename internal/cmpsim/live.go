package cmpsim

import (
	"fmt"
	"strconv"
	"time"
)

// liveAnswer is the data node of queryLatestCDR, keys as printed; what the
// document calls optional is left out when it is not known.
type liveAnswer struct {
	ReturnCode   string   `json:"returnCode"`
	SMSMT        smsCount `json:"smsMt"`
	GPRS         liveData `json:"gprs"`
	IMSI         string   `json:"imsi"`
	MSISDN       string   `json:"msisdn"`
	SMSMO        smsCount `json:"smsMo"`
	CustomerNo   *string  `json:"customerNo"`
	IMEI         string   `json:"imei,omitempty"`
	SessionStart string   `json:"sessionStart,omitempty"`
	LastActivity string   `json:"lastActivity,omitempty"`
	LastLU       string   `json:"lastLu,omitempty"`
	LastError    string   `json:"lastSmsError,omitempty"`
	LastErrorAt  string   `json:"lastSmsErrorTime,omitempty"`
}

type smsCount struct {
	Errors   string `json:"smsErrorCount"`
	Count    string `json:"count"`
	LastSMS  string `json:"lastSms,omitempty"`
	LastDest string `json:"lastDest,omitempty"` // of the messages from the card only
}

type liveData struct {
	TX         string `json:"tx"`
	Active     string `json:"pdpActive"`
	RX         string `json:"rx"`
	Activation string `json:"activation,omitempty"`
	IP         string `json:"ip,omitempty"`
	LastTX     string `json:"lastTx,omitempty"`
	LastRX     string `json:"lastRx,omitempty"`
	Internet   string `json:"giDestAddress,omitempty"`
}

// The states of a live session.
const (
	liveOK   = "0"
	liveNone = "1" // resource not available
)

// queryLatestCDR answers section "Query the latest SMS CDR": the live session
// of an IMSI. A card without an order in use has none, which is no error.
func (s *Sim) queryLatestCDR(p params) (any, bool, *refusal) {
	imsi, err := p.need("imsi")
	if err != nil {
		return nil, false, err
	}
	d, profile, ok := s.fleet.subscription(imsi)
	if !ok {
		return nil, false, refuse(codeNoIMSI, imsi)
	}
	phone := profile.MSISDN
	if d.withStatus(StatusInUse) == nil {
		return liveAnswer{ReturnCode: liveNone, SMSMT: noSMS(), SMSMO: noSMS(), IMSI: imsi, MSISDN: phone, GPRS: liveData{TX: "0.0", Active: "false", RX: "0.0"}}, false, nil
	}
	return s.live(d, imsi, phone), false, nil
}

func noSMS() smsCount { return smsCount{Errors: "0", Count: "0"} }

func (s *Sim) live(d *Device, imsi, phone string) liveAnswer {
	now := s.opts.Now()
	r := s.stream(d, "live", int(now.Unix()/3600)) // the counters stand for an hour
	began := now.Truncate(time.Hour).Add(-time.Duration(r.between(600, 80_000)) * time.Second)
	last := now.Truncate(time.Hour).Add(-time.Duration(r.between(1, 500)) * time.Second)
	a := liveAnswer{
		ReturnCode: liveOK, IMSI: imsi, MSISDN: phone, IMEI: s.boundIMEI(d), SessionStart: formatTime(began, spacedLayout), LastActivity: formatTime(last, spacedLayout),
		LastLU: formatTime(began, spacedLayout), GPRS: liveData{TX: "0.0", Active: "false", RX: "0.0"},
	}
	sent, failed, received := r.below(4), r.below(2), r.below(9)
	switch d.ID { // the demo cards show every field, whatever the hour
	case DemoInUse:
		sent++
	case DemoOverQuota:
		failed = 1
	}
	a.messages(sent, failed, received, began, last)
	if r.chance(85) || d.ID == DemoInUse {
		a.GPRS = liveData{
			TX: fmt.Sprintf("%d.0", r.below(90_000_000)), RX: fmt.Sprintf("%.3E", float64(r.below(900_000_000))), Active: "true", Activation: formatTime(began, spacedLayout),
			IP: fmt.Sprintf("10.%d.%d.%d", r.below(256), r.below(256), r.between(1, 254)), LastTX: formatTime(last, spacedLayout), LastRX: formatTime(last, spacedLayout),
			Internet: fmt.Sprintf("203.0.113.%d", r.between(1, 254)), // a net for examples (RFC 5737)
		}
	}
	return a
}

// messages fills in the counters of SMS and what is told of the last ones: sent by the card, failed and received.
func (a *liveAnswer) messages(sent, failed, received int, began, last time.Time) {
	a.SMSMO = smsCount{Errors: "0", Count: strconv.Itoa(sent)}
	a.SMSMT = smsCount{Errors: strconv.Itoa(failed), Count: strconv.Itoa(received), LastSMS: formatTime(began, spacedLayout)}
	if sent > 0 {
		a.SMSMO.LastSMS, a.SMSMO.LastDest = formatTime(last, spacedLayout), "85290000001"
	}
	if failed > 0 {
		a.LastError, a.LastErrorAt = "Absent subscriber", formatTime(began, spacedLayout)
	}
}
