package cmpsim

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// handlePushes adds the addresses by which pushes are scripted and looked at.
func (s *Sim) handlePushes(mux *http.ServeMux) {
	mux.HandleFunc("GET /sandbox/pushes", s.showPushes)
	mux.HandleFunc("DELETE /sandbox/pushes", cleared(s.ResetPushes))
	mux.HandleFunc("POST /sandbox/pushes/settle", s.settlePushes)
	mux.HandleFunc("POST /sandbox/pushes/addresses", s.addressPushes)
	mux.HandleFunc("GET /sandbox/pushes/script", s.showPushScript)
	mux.HandleFunc("POST /sandbox/pushes/script", s.scriptPushes)
	mux.HandleFunc("DELETE /sandbox/pushes/script", cleared(s.ClearPushScript))
	mux.HandleFunc("POST /sandbox/mo", s.askForMO)
}

// showPushes lists them, with ?after=SEQ only those that were planned later.
func (s *Sim) showPushes(w http.ResponseWriter, r *http.Request) {
	after, err := afterOf(r)
	if err != nil {
		answerError(w, http.StatusBadRequest, err.Error())
		return
	}
	pushes := []Push{}
	for _, p := range s.Pushes() {
		if p.Seq > after {
			pushes = append(pushes, p)
		}
	}
	answerJSON(w, http.StatusOK, map[string]any{"pushes": pushes})
}

// afterOf reads ?after=SEQ; without it that is 0.
func afterOf(r *http.Request) (uint64, error) {
	v := r.URL.Query().Get("after")
	if v == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(v, 10, 64)
	if err != nil {
		return 0, errors.New("after must be a sequence number")
	}
	return n, nil
}

// settlePushes takes no body, and so asks for the type that no form of another
// site can send.
func (s *Sim) settlePushes(w http.ResponseWriter, r *http.Request) {
	if _, ok := bodyOf(w, r); !ok {
		return
	}
	if s.Settle(r.Context()) == nil {
		s.showPushes(w, r)
	}
}

// addressPushes takes the three addresses, or the base of those that are missing.
func (s *Sim) addressPushes(w http.ResponseWriter, r *http.Request) {
	given, ok := oneObject[PushAddresses](w, r, "what says the addresses")
	if !ok {
		return
	}
	to := PushAddresses{}
	if base, ok := given["base"]; ok {
		to = PushTo(base)
		delete(given, "base")
	}
	for k, address := range given {
		to[k] = address
	}
	if err := s.SetPushAddresses(to); err != nil {
		answerError(w, http.StatusBadRequest, err.Error())
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// pushLine is a rule as JSON has it.
type pushLine struct {
	PushRule

	Delay  string `json:"delay,omitempty"`
	Window string `json:"window,omitempty"`
}

func (l pushLine) rule() (r PushRule, err error) {
	r = l.PushRule
	if r.Delay, err = duration(l.Delay); err != nil {
		return r, err
	}
	r.Window, err = duration(l.Window)
	return r, err
}

// duration reads one; none is 0.
func duration(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, fmt.Errorf("%q is no duration, write one like 1.5s", text)
	}
	return d, nil
}

func (s *Sim) showPushScript(w http.ResponseWriter, _ *http.Request) {
	lines := []pushLine{}
	for _, r := range s.PushScript() {
		l := pushLine{PushRule: r}
		if r.Delay > 0 {
			l.Delay = r.Delay.String()
		}
		if r.Window > 0 {
			l.Window = r.Window.String()
		}
		lines = append(lines, l)
	}
	answerJSON(w, http.StatusOK, lines)
}

// scriptPushes replaces the rules by one or a list; one bad line refuses them all.
func (s *Sim) scriptPushes(w http.ResponseWriter, r *http.Request) {
	body, ok := bodyOf(w, r)
	if !ok {
		return
	}
	lines, err := parseList[pushLine](body)
	rules := make([]PushRule, len(lines))
	for i := 0; err == nil && i < len(lines); i++ {
		rules[i], err = lines[i].rule()
	}
	if err == nil {
		err = s.SetPushScript(rules...)
	}
	if err != nil {
		answerError(w, http.StatusBadRequest, "the push script: "+err.Error())
		return
	}
	s.showPushScript(w, r)
}

// askForMO takes one message or a list.
func (s *Sim) askForMO(w http.ResponseWriter, r *http.Request) {
	body, ok := bodyOf(w, r)
	if !ok {
		return
	}
	messages, err := parseList[MO](body)
	if err == nil {
		err = s.SendMO(messages...)
	}
	if err != nil {
		answerError(w, http.StatusBadRequest, "the messages: "+err.Error())
		return
	}
	answerJSON(w, http.StatusOK, map[string]int{"sent": len(messages)})
}
