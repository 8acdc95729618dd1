package cmpsim

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Control serves the sandbox's own addresses under /sandbox/, by which an
// integrator reads the journal, scripts faults and moves the fleet. They are not
// signed.
func (s *Sim) Control() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /sandbox/{$}", s.showHelp)
	mux.HandleFunc("GET /sandbox/journal", s.showJournal)
	mux.HandleFunc("DELETE /sandbox/journal", cleared(s.ResetJournal))
	mux.HandleFunc("GET /sandbox/faults", s.showFaults)
	mux.HandleFunc("POST /sandbox/faults", s.addFaults)
	mux.HandleFunc("DELETE /sandbox/faults", cleared(s.ClearFaults))
	mux.HandleFunc("GET /sandbox/fleet", s.showFleet)
	mux.HandleFunc("POST /sandbox/fleet", s.alterFleet)
	mux.HandleFunc("GET /sandbox/churn", s.showChurn)
	mux.HandleFunc("POST /sandbox/churn", s.setChurn)
	mux.HandleFunc("DELETE /sandbox/churn", s.endChurn)
	s.handlePushes(mux)
	return mux
}

// cleared answers that something is empty now.
func cleared(empty func()) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		empty()
		w.WriteHeader(http.StatusNoContent)
	}
}

// faultLine is a fault as the script's JSON has it.
type faultLine struct {
	Path    string `json:"path,omitempty"`
	Times   int    `json:"times,omitempty"`
	Kind    Kind   `json:"kind"`
	Delay   string `json:"delay,omitempty"`
	Apply   *bool  `json:"apply,omitempty"`
	Code    string `json:"code,omitempty"`
	Message string `json:"message,omitempty"`
}

func (l faultLine) fault() (Fault, error) {
	f := Fault{Path: l.Path, Times: l.Times, Kind: l.Kind, Apply: l.Apply, Code: l.Code, Message: l.Message}
	d, err := duration(l.Delay)
	if err != nil {
		return f, fmt.Errorf("fault %s: delay %w", l.Kind, err)
	}
	f.Delay = d
	return f, f.check()
}

func (s *Sim) showFaults(w http.ResponseWriter, _ *http.Request) {
	lines := []faultLine{}
	for _, f := range s.Faults() {
		l := faultLine{Path: f.Path, Times: f.Times, Kind: f.Kind, Apply: f.Apply, Code: f.Code, Message: f.Message}
		if f.Delay > 0 {
			l.Delay = f.Delay.String()
		}
		lines = append(lines, l)
	}
	answerJSON(w, http.StatusOK, lines)
}

// addFaults takes one fault or a list; one bad line refuses them all.
func (s *Sim) addFaults(w http.ResponseWriter, r *http.Request) {
	body, ok := bodyOf(w, r)
	if !ok {
		return
	}
	faults, err := parseFaults(body)
	if err != nil {
		answerError(w, http.StatusBadRequest, err.Error())
		return
	}
	s.script.add(faults)
	s.showFaults(w, r)
}

// bodyOf reads what was sent, or answers why not.
func bodyOf(w http.ResponseWriter, r *http.Request) ([]byte, bool) {
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		answerError(w, http.StatusUnsupportedMediaType, "send it with Content-Type: application/json")
		return nil, false
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyLimit))
	if err != nil {
		answerError(w, http.StatusBadRequest, "the body could not be read: "+err.Error())
		return nil, false
	}
	return body, true
}

func parseFaults(body []byte) ([]Fault, error) {
	lines, err := parseList[faultLine](body)
	if err != nil {
		return nil, fmt.Errorf("the faults are %w", err)
	}
	faults := make([]Fault, 0, len(lines))
	for _, l := range lines {
		f, err := l.fault()
		if err != nil {
			return nil, err
		}
		faults = append(faults, f)
	}
	return faults, nil
}

// parseList reads one object or a list of them, strictly.
func parseList[T any](body []byte) ([]T, error) {
	text := strings.TrimSpace(string(body))
	if !strings.HasPrefix(text, "[") {
		text = "[" + text + "]"
	}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.DisallowUnknownFields()
	var list []T
	if err := dec.Decode(&list); err != nil {
		return nil, fmt.Errorf("no JSON object or list of objects: %w", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, errors.New("followed by something that does not belong there")
	}
	return list, nil
}

// oneObject reads exactly one object, or answers why not.
func oneObject[T any](w http.ResponseWriter, r *http.Request, what string) (one T, ok bool) {
	body, ok := bodyOf(w, r)
	if !ok {
		return one, false
	}
	list, err := parseList[T](body)
	if err == nil && len(list) != 1 {
		err = errors.New("not one object")
	}
	if err != nil {
		answerError(w, http.StatusBadRequest, what+" is "+err.Error())
		return one, false
	}
	return list[0], true
}

// showJournal lists the requests, with ?after=SEQ only those that came later.
func (s *Sim) showJournal(w http.ResponseWriter, r *http.Request) {
	after, err := afterOf(r)
	if err != nil {
		answerError(w, http.StatusBadRequest, err.Error())
		return
	}
	requests := []Request{}
	for _, q := range s.Journal() {
		if q.Seq > after {
			requests = append(requests, q)
		}
	}
	answerJSON(w, http.StatusOK, map[string]any{"requests": requests})
}

func answerJSON(w http.ResponseWriter, status int, v any) {
	reply{status: status, contentType: jsonType, body: append(encode(v), '\n')}.send(w)
}

func answerError(w http.ResponseWriter, status int, text string) {
	answerJSON(w, status, map[string]string{"error": text})
}
