package cmpsim

import (
	"bufio"
	"net/http"
)

// fleetLine is one device of the fleet as it truly is, for those who want to
// know whether their copy is right.
type fleetLine struct {
	Device    string `json:"device_id"`
	Lifecycle string `json:"lifecycle"`
	Order     string `json:"order_id,omitempty"`
	Status    string `json:"order_status,omitempty"`
	UsedKB    int64  `json:"used_kb"`
}

// showFleet lists the devices in the CMP's order, one JSON object a line.
func (s *Sim) showFleet(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/x-ndjson; charset=utf-8")
	out := bufio.NewWriter(w)
	for d := range s.Fleet() {
		l := fleetLine{Device: d.ID, Lifecycle: d.Lifecycle}
		if o := d.current(); o != nil {
			l.Order, l.Status, l.UsedKB = o.ID, o.Status, o.UsedKB
		}
		if _, err := out.Write(append(encode(l), '\n')); err != nil {
			return // the caller left
		}
	}
	_ = out.Flush() // as above
}

// alterFleet takes one step or a list and answers the size of the fleet then
// and the ids of new devices.
func (s *Sim) alterFleet(w http.ResponseWriter, r *http.Request) {
	body, ok := bodyOf(w, r)
	if !ok {
		return
	}
	steps, err := parseList[Step](body)
	if err != nil {
		answerError(w, http.StatusBadRequest, "the steps are "+err.Error())
		return
	}
	added, err := s.Alter(steps...)
	if err != nil {
		answerError(w, http.StatusBadRequest, err.Error())
		return
	}
	answerJSON(w, http.StatusOK, map[string]any{"devices": s.Size(), "added": append([]string{}, added...)})
}

func (s *Sim) showChurn(w http.ResponseWriter, _ *http.Request) {
	answerJSON(w, http.StatusOK, s.Churn())
}

func (s *Sim) setChurn(w http.ResponseWriter, r *http.Request) {
	churn, ok := oneObject[Churn](w, r, "the churn")
	if !ok {
		return
	}
	if err := s.SetChurn(churn); err != nil {
		answerError(w, http.StatusBadRequest, err.Error())
		return
	}
	s.showChurn(w, r)
}

func (s *Sim) endChurn(w http.ResponseWriter, _ *http.Request) {
	s.ClearChurn()
	w.WriteHeader(http.StatusNoContent)
}
