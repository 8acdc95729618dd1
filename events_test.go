package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"cmpconsole/internal/cmpsim"
)

// stream opens a stream of topics and waits for its hello.
func (v *visitor) stream(t *testing.T, topics string) *bufio.Reader {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, v.base+"/events?on="+topics, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := v.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	in := bufio.NewReader(res.Body)
	awaitEvent(t, in, "hello")
	return in
}

// awaitEvent reads to the event of a name and returns its data.
func awaitEvent(t *testing.T, in *bufio.Reader, name string) string {
	t.Helper()
	event := ""
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			t.Fatalf("the stream broke before %q: %v", name, err)
		}
		if word, ok := strings.CutPrefix(line, "event: "); ok {
			event = strings.TrimSpace(word)
		}
		if data, ok := strings.CutPrefix(line, "data: "); ok && event == name {
			return strings.TrimSpace(data)
		}
	}
}

// TestEventsOfThings: what one person does is told to the pages of others at once, and streams do not hold up a stop.
func TestEventsOfThings(t *testing.T) {
	t.Parallel()
	in := startProgram(t)
	support, auditor := in.signIn(t, "support"), in.signIn(t, "auditor")
	order, device := auditor.stream(t, "order:"+cmpsim.DemoOrder), auditor.stream(t, "device:"+cmpsim.DemoInUse)
	begun := time.Now()
	pause := orderPage(cmpsim.DemoOrder) + "/pause"
	support.submit(t, support.get(t, pause), pause, url.Values{"reason": {"ticket 4711"}}).want(t, http.StatusOK)
	if told := awaitEvent(t, order, "changed"); told != "order:"+cmpsim.DemoOrder {
		t.Errorf("of the order: %s", told)
	}
	if told := awaitEvent(t, device, "changed"); told != "device:"+cmpsim.DemoInUse {
		t.Errorf("of the device: %s", told)
	}
	if took := time.Since(begun); took > 2*time.Second {
		t.Errorf("told after %s", took)
	}
	begun = time.Now()
	if code := in.stop(); code != exitOK {
		t.Errorf("the console ended with %d", code)
	}
	if took := time.Since(begun); took > time.Second {
		t.Errorf("with streams open it took %s to stop", took)
	}
	if _, err := io.ReadAll(order); err != nil {
		t.Errorf("the stream was cut: %v", err)
	}
}
