package cmpsim

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
)

// bodyLimit is what the sandbox reads of a request, far above any real call.
const bodyLimit = 1 << 20

// call is one address of the document: what it does, whether it is asked for
// with GET, and whether its printed answer says "Success" whatever the language.
type call struct {
	run   func(s *Sim, p params) (data any, effect bool, err *refusal)
	get   bool
	plain bool
}

// calls is the table of addresses the sandbox knows.
var calls = map[string]call{
	"/cmp-api/device/queryDevice":             {run: (*Sim).queryDevice},
	"/cmp-api/device/queryBatchDevice":        {run: (*Sim).queryBatchDevice},
	"/cmp-api/device/pauseService":            {run: (*Sim).pauseService, plain: true},
	"/cmp-api/device/restartService":          {run: (*Sim).restartService, plain: true},
	"/cmp-api/package/queryOrder":             {run: (*Sim).queryOrder},
	"/cmp-api/package/openPackage":            {run: (*Sim).openPackage},
	"/cmp-api/package/cancelPackage":          {run: (*Sim).cancelPackage, plain: true},
	"/cmp-api/package/aheadFinishDeviceOrder": {run: (*Sim).aheadFinishDeviceOrder, plain: true},
	"/cmp-api/package/syncPackages":           {run: (*Sim).syncPackages},
	"/cmp-api/package/batchOrderPackages":     {run: (*Sim).batchOrderPackages},
	"/cmp-api/sms/sendSms":                    {run: (*Sim).sendSms, plain: true},
	"/cmp-api/sms/queryMTSmsStatus":           {run: (*Sim).queryMTSmsStatus},
	"/cmp-api/sms/querySmsCDR":                {run: (*Sim).querySmsCDR},
	"/cmp-api/sms/queryLatestCDR":             {run: (*Sim).queryLatestCDR},
	"/cmp-api/device/bind":                    {run: (*Sim).bind},
	"/cmp-api/device/getBindTrackList":        {run: (*Sim).getBindTrackList},
	"/cmp-api/sims/{sim_id}/cdr":              {run: (*Sim).simCDR, get: true},
	"/cmp-api/sims/{sim_id}/cdr/apn":          {run: (*Sim).simCDRByAPN, get: true},
}

func (c call) method() string {
	if c.get {
		return http.MethodGet
	}
	return http.MethodPost
}

// find looks an address up. The one part of a path that varies is the card's id.
func find(path string) (c call, sim string, ok bool) {
	const sims = "/cmp-api/sims/"
	if rest, isSim := strings.CutPrefix(path, sims); isSim {
		id, tail, _ := strings.Cut(rest, "/")
		c, ok = calls[sims+"{sim_id}/"+tail]
		return c, id, ok && id != ""
	}
	c, ok = calls[path]
	return c, "", ok
}

// documented is the document's address for the one that a request came to, empty
// when this installation does not have it there.
func (o Options) documented(path string) string {
	rest, _ := strings.CutPrefix(path, "/cmp-api/")
	for call, actual := range o.Paths {
		switch rest {
		case actual:
			return "/cmp-api/" + call
		case call:
			return ""
		}
	}
	if slices.Contains(o.Missing, rest) {
		return ""
	}
	return path
}

// serveAPI records the request, decides the answer, records that too, and
// only then lets the answer leave: who has an answer finds it in the journal.
func (s *Sim) serveAPI(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, bodyLimit))
	if err != nil {
		s.opts.Logger.Debug("sandbox: reading a request", "path", r.URL.Path, "err", err)
	}
	p, bad := paramsOf(r, body)
	seq := s.journal.begin(newRequest(r, body, p, s.opts.Now()))
	rep := s.decide(r, body, p, bad, seq)
	s.journal.finish(seq, rep)
	rep.send(w)
}

// decide goes through the gateway's checks in its order: address, method,
// signature; then the scripted fault, then the call itself.
func (s *Sim) decide(r *http.Request, body []byte, p params, bad *refusal, seq uint64) reply {
	c, _, ok := find(s.opts.documented(r.URL.Path))
	if !ok {
		return gatewayReply(http.StatusNotFound, "error_msg", "404 Route Not Found")
	}
	if want := c.method(); r.Method != want {
		rep := gatewayReply(http.StatusMethodNotAllowed, "message", "method "+r.Method+" is not allowed here, use "+want)
		rep.header = map[string]string{"Allow": want}
		return rep
	}
	if status := s.unauthorised(r, body); status != 0 {
		return gatewayReply(status, "message", unauthorisedText)
	}
	do := func() reply {
		rep := s.perform(c, p, bad, inEnglish(r))
		s.journal.effect(seq, rep.applied)
		return rep
	}
	if f, ok := s.script.take(r.URL.Path); ok {
		s.journal.fault(seq, f.Kind)
		return play(r.Context(), f, inEnglish(r), do)
	}
	return do()
}

// perform runs the call under the lock, so its check and its effect are one.
func (s *Sim) perform(c call, p params, bad *refusal, english bool) reply {
	if bad != nil {
		return refusalReply(bad, english)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.age()
	data, effect, err := c.run(s, p)
	if err != nil {
		return refusalReply(err, english)
	}
	rep := envelopeReply(envelope{Code: codeSuccess, Data: data, Message: successText(english || c.plain), Success: true})
	rep.applied = effect
	return rep
}

// AwaitRequest waits until a request that matches is in the journal. Tests use
// it in place of a sleep; a request still being worked on has Done false.
func (s *Sim) AwaitRequest(ctx context.Context, match func(Request) bool) (Request, error) {
	return s.journal.await(ctx, match)
}

// pathMatches tells whether a fault's suffix means this address; the empty
// suffix means all.
func pathMatches(path, suffix string) bool { return strings.HasSuffix(path, suffix) }
