package cmpsim

import (
	"fmt"
	"slices"
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
}

type smsCount struct {
	Errors  string `json:"smsErrorCount"`
	Count   string `json:"count"`
	LastSMS string `json:"lastSms,omitempty"`
}

type liveData struct {
	TX         string `json:"tx"`
	Active     string `json:"pdpActive"`
	RX         string `json:"rx"`
	Activation string `json:"activation,omitempty"`
	IP         string `json:"ip,omitempty"`
	LastTX     string `json:"lastTx,omitempty"`
	LastRX     string `json:"lastRx,omitempty"`
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
	has := func(x Profile) bool { return x.IMSI == imsi }
	i := slices.IndexFunc(s.devices, func(d *Device) bool { return slices.ContainsFunc(d.Profiles, has) })
	if i < 0 {
		return nil, false, refuse(codeNoIMSI, imsi)
	}
	d := s.devices[i]
	phone := d.Profiles[slices.IndexFunc(d.Profiles, has)].MSISDN
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
		LastLU: formatTime(began, spacedLayout), SMSMO: smsCount{Errors: "0", Count: strconv.Itoa(r.below(4))},
		SMSMT: smsCount{Errors: strconv.Itoa(r.below(2)), Count: strconv.Itoa(r.below(9)), LastSMS: formatTime(began, spacedLayout)},
		GPRS:  liveData{TX: "0.0", Active: "false", RX: "0.0"},
	}
	if r.chance(85) {
		a.GPRS = liveData{
			TX: fmt.Sprintf("%d.0", r.below(90_000_000)), RX: fmt.Sprintf("%.3E", float64(r.below(900_000_000))), Active: "true", Activation: formatTime(began, spacedLayout),
			IP: fmt.Sprintf("10.%d.%d.%d", r.below(256), r.below(256), r.between(1, 254)), LastTX: formatTime(last, spacedLayout), LastRX: formatTime(last, spacedLayout),
		}
	}
	return a
}
