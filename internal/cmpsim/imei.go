package cmpsim

import "slices"

// track is one step of a card's binding history, keys as printed.
type track struct {
	ICCID   string  `json:"iccid"`
	Track   string  `json:"track"`
	IMEI    string  `json:"imei"`
	User    *string `json:"operUser"`
	Created string  `json:"createTime"`
}

// What the CMP writes into the history, in its own language whatever was asked for.
const (
	trackBound   = "机卡绑定"
	trackUnbound = "机卡解绑"
)

const (
	bindIMEI   = "1"
	unbindIMEI = "2"
)

// bind answers section "Bind the device via IMEI (Beta)". Its data is a text.
func (s *Sim) bind(p params) (any, bool, *refusal) {
	d, err := s.bindable(p)
	if err != nil {
		return nil, false, err
	}
	imei, err := p.need("imei")
	if err != nil {
		return nil, false, err
	}
	if !isIMEI(imei) {
		return nil, false, refuse(codeBadValue, "imei")
	}
	verb, err := p.oneOf("oper_type", bindIMEI, unbindIMEI)
	if err != nil {
		return nil, false, err
	}
	if err := p.bindFlags(d); err != nil {
		return nil, false, err
	}
	t := track{ICCID: d.ID, Track: trackBound, IMEI: imei, Created: formatTime(s.opts.Now(), spacedLayout)}
	switch now := s.boundIMEI(d); {
	case verb == bindIMEI && now != "":
		return nil, false, refuse(codeBound, d.ID, now)
	case verb == unbindIMEI && now != imei:
		return nil, false, refuse(codeNotBound, d.ID, imei)
	case verb == unbindIMEI:
		t.Track = trackUnbound
	}
	s.saved.Tracks[d.ID] = append(s.saved.Tracks[d.ID], t)
	s.save(d.ID)
	return "操作成功", true, nil
}

func (p params) bindFlags(d *Device) *refusal {
	ota, err := p.oneOf("ota_flag", "1", "2")
	if err != nil {
		return err
	}
	if _, err := p.oneOf("auto_bind_flag", "1", "2"); err != nil {
		return err
	}
	if ota != flag12(d.OTA) {
		return refuse(codeOTAFlag, d.ID)
	}
	return nil
}

// getBindTrackList answers section "Get Binding History (Beta)". Its data is a
// bare list, newest first.
func (s *Sim) getBindTrackList(p params) (any, bool, *refusal) {
	d, err := s.bindable(p)
	if err != nil {
		return nil, false, err
	}
	rows := append([]track{}, s.saved.Tracks[d.ID]...)
	slices.Reverse(rows)
	return rows, false, nil
}

// bindable finds the card; one in seven does not take part in the beta.
func (s *Sim) bindable(p params) (*Device, *refusal) {
	id, err := p.need("device_id")
	if err != nil {
		return nil, err
	}
	d, ok := s.fleet.device(id)
	switch {
	case !ok:
		return nil, refuse(codeNoDevice, id)
	case s.stream(d, "beta", 0).below(7) == 0:
		return nil, refuse(codeNoBinding, id)
	}
	return d, nil
}

// boundIMEI is the IMEI that a card is bound to, empty when to none.
func (s *Sim) boundIMEI(d *Device) string {
	tracks := s.saved.Tracks[d.ID]
	if len(tracks) == 0 || tracks[len(tracks)-1].Track != trackBound {
		return ""
	}
	return tracks[len(tracks)-1].IMEI
}

func isIMEI(s string) bool {
	if len(s) != 15 && len(s) != 16 {
		return false
	}
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}
