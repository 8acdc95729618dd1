package cmpsim

import (
	"context"
	"net"
	"net/http"
	"time"
)

// play answers a request with a fault. do performs the call honestly; it runs
// before the wait when the effect is to come although the answer is broken.
func play(ctx context.Context, f Fault, english bool, do func() reply) reply {
	var honest reply
	early := f.applies()
	if early {
		honest = do()
	}
	f.wait(ctx)
	if f.Kind == KindDelay {
		return late(ctx, early, honest, do)
	}
	rep := f.broken(english, honest)
	rep.applied = honest.applied
	return rep
}

// late ends a delay: who left before the effect has changed nothing.
func late(ctx context.Context, early bool, honest reply, do func() reply) reply {
	switch {
	case early:
		return honest
	case ctx.Err() != nil:
		return reply{reset: true}
	}
	return do()
}

func (f Fault) wait(ctx context.Context) {
	if f.Kind == KindHang {
		<-ctx.Done()
		return
	}
	if f.Until != nil {
		select {
		case <-f.Until:
		case <-ctx.Done():
		}
		return
	}
	if f.Delay == 0 {
		return
	}
	t := time.NewTimer(f.Delay)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// broken is the answer of a kind; honest is what a true answer would have
// been, empty when the call was not performed.
func (f Fault) broken(english bool, honest reply) reply {
	switch f.Kind {
	case KindUnauthorised:
		return gatewayReply(http.StatusUnauthorized, "message", unauthorisedText)
	case KindTooMany:
		rep := gatewayReply(http.StatusTooManyRequests, "message", "too many requests")
		rep.header = map[string]string{"Retry-After": retryAfterSeconds}
		return rep
	case KindInternal:
		return gatewayReply(http.StatusInternalServerError, "error", "Internal Server Error")
	case KindBadGateway:
		return htmlReply(http.StatusBadGateway, "502 Bad Gateway")
	case KindUnavailable:
		return htmlReply(http.StatusServiceUnavailable, "503 Service Temporarily Unavailable")
	case KindHTML:
		return htmlReply(http.StatusOK, "系统维护中 / Under maintenance")
	case KindCut:
		return cutReply(honest)
	case KindBadJSON:
		return reply{status: http.StatusOK, contentType: jsonType, body: []byte(`{"code":"0000","data":{"order_id":,"message":"成`)}
	case KindBusiness:
		return f.refusal(english)
	case KindContradiction:
		return f.contradiction(english)
	}
	return reply{reset: true}
}

func htmlReply(status int, title string) reply {
	page := "<html>\r\n<head><title>" + title + "</title></head>\r\n<body>\r\n<center><h1>" + title +
		"</h1></center>\r\n<hr><center>openresty</center>\r\n</body>\r\n</html>\r\n"
	return reply{status: status, contentType: htmlType, body: []byte(page)}
}

// cutReply sends the first half of a good answer and declares all of it.
func cutReply(honest reply) reply {
	rep := honest
	if rep.body == nil {
		rep = envelopeReply(envelope{Code: codeSuccess, Message: successText(true), Success: true})
	}
	half := len(rep.body) / 2
	rep.missing = len(rep.body) - half
	rep.body, rep.code = rep.body[:half], ""
	return rep
}

func (f Fault) refusal(english bool) reply {
	r := refuse(codeBusy)
	e := envelope{Code: r.code, Message: r.text(english)}
	if f.Code != "" {
		e.Code = f.Code
	}
	if f.Message != "" {
		e.Message = f.Message
	}
	return envelopeReply(e)
}

func (f Fault) contradiction(english bool) reply {
	e := envelope{Code: codeSuccess, Message: successText(english)}
	if f.Code != "" {
		e.Code = f.Code
		e.Success = f.Code != codeSuccess
	}
	if f.Message != "" {
		e.Message = f.Message
	}
	return envelopeReply(e)
}

// resetConnection closes with a TCP reset in place of an orderly end.
func resetConnection(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		// A server that cannot hand out its connection still closes it on this.
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}
