package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/cmpsim"
)

// BenchmarkDevicesPage prints what the signed-in page of devices does on a mirror of a million devices, beside Gin's own
// "hello": MIRROR_DIR holds the file, as the bench of internal/mirror leaves it. It runs once: -benchtime 1x.
func BenchmarkDevicesPage(b *testing.B) {
	file := filepath.Join(os.Getenv("MIRROR_DIR"), "mirror-1000000.db")
	if _, err := os.Stat(file); err != nil || b.N > 1 {
		b.Skipf("run the bench of internal/mirror first, with MIRROR_DIR set: %v", err)
	}
	in := &instance{logs: newLogs()}
	in.prepare(b, cmpsim.Options{Devices: 400, AccessKey: testAccessKey, SecretKey: testSecretKey})
	copyFile(b, file, filepath.Join(in.dir, "mirror.db"))
	in.env["CONSOLE_ADDR"] = freeAddress(b)
	kill(b, in.startChild(b)) // brings the databases up to date
	child := in.startChild(b)
	visitor := in.signIn(b, "manager")
	kill(b, child)

	began := time.Now()
	child = in.startChild(b)
	fetch(b, visitor.http, in.url+"/devices")
	fmt.Printf("\nThe page of devices, at a million of them\n%-50s %v\n", "start to the first signed-in page (must 200ms)", time.Since(began).Round(time.Millisecond))

	for _, path := range []string{"/devices", "/devices?lifecycle=2&status=2&sort=expires", "/devices?used=80&sort=-used"} {
		measurePage(b, in, visitor.http, path)
	}
	fmt.Printf("%-50s %s\n", "private memory under load (must 64 MB)", privateMemory(b, child))
	hello := httptest.NewServer(helloGin())
	defer hello.Close()
	const rounds = 3 // in turn, so that both meet the machine as it is
	var mine, floor, share []float64
	for range rounds {
		page, nothing := throughput(b, visitor.http, in.url+"/devices"), throughput(b, hello.Client(), hello.URL+"/")
		mine, floor, share = append(mine, page), append(floor, nothing), append(share, 100*page/nothing)
	}
	fmt.Printf("%-50s %.0f and %.0f, in the middle of three rounds %.1f %% (must 3 %%)\n", "requests a second, and those of Gin's hello", mine, floor, slices.Sorted(slices.Values(share))[rounds/2])
}

// measurePage asks for a page five hundred times, one after the other. The console's own log tells how long it took on its side.
func measurePage(b *testing.B, in *instance, client *http.Client, path string) {
	b.Helper()
	const times = 500
	bytes := fetch(b, client, in.url+path)
	took := make([]float64, 0, times)
	for range times {
		at := time.Now()
		fetch(b, client, in.url+path)
		took = append(took, time.Since(at).Seconds()*1000)
	}
	mine := make([]float64, 0, times)
	lines := find(in.logs.String(), func(line map[string]any) bool { return line["path"] == "/devices" })
	if len(lines) < times {
		b.Fatalf("the log has %d lines of %d requests", len(lines), times)
	}
	for _, line := range lines[len(lines)-times:] {
		mine = append(mine, line["took_ms"].(float64))
	}
	slices.Sort(took)
	slices.Sort(mine)
	fmt.Printf("%-50s server p50 %.2f, p99 %.2f ms (must 2); client p50 %.2f, p99 %.2f ms; %.1f KB compressed (must 12)\n",
		path, mine[times/2], mine[times*99/100], took[times/2], took[times*99/100], float64(bytes)/1000)
}

// fetch reads a page as a browser does, compressed, and returns its length.
func fetch(b *testing.B, client *http.Client, address string) int64 {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, address, nil)
	if err != nil {
		b.Fatal(err)
	}
	req.Header.Set("Accept-Encoding", "gzip")
	res, err := client.Do(req)
	if err != nil {
		b.Fatal(err)
	}
	defer res.Body.Close()
	n, err := io.Copy(io.Discard, res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		b.Fatalf("%s: %d, %v", address, res.StatusCode, err)
	}
	return n
}

// throughput is how many requests are answered in a second when enough clients ask that the machine is busy, though some of them wait for
// the disk.
func throughput(b *testing.B, client *http.Client, address string) float64 {
	b.Helper()
	const atOnce, each = 64, 100
	client = &http.Client{Jar: client.Jar, Transport: &http.Transport{MaxIdleConnsPerHost: atOnce}} // each keeps its connection
	var clients sync.WaitGroup
	began := time.Now()
	for range atOnce {
		clients.Go(func() {
			for range each {
				fetch(b, client, address)
			}
		})
	}
	clients.Wait()
	return atOnce * each / time.Since(began).Seconds()
}

func helloGin() http.Handler {
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	e.GET("/", func(c *gin.Context) { c.String(http.StatusOK, "hello") })
	return e
}

// privateMemory is what the process has for itself: pages of files that are mapped are not counted, though the kernel calls
// those that are not on the disk yet private too.
func privateMemory(b *testing.B, child *exec.Cmd) string {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", child.Process.Pid))
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.SplitSeq(string(text), "\n") {
		if rest, ok := strings.CutPrefix(line, "Anonymous:"); ok {
			return strings.TrimSpace(rest)
		}
	}
	return "unknown"
}

func copyFile(b *testing.B, from, to string) {
	b.Helper()
	data, err := os.ReadFile(from)
	if err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(to, data, 0o600); err != nil {
		b.Fatal(err)
	}
}

// freeAddress is one that the console keeps over its restarts, so that cookies stay good.
func freeAddress(b *testing.B) string {
	b.Helper()
	srv := httptest.NewServer(http.NotFoundHandler())
	defer srv.Close()
	return strings.TrimPrefix(srv.URL, "http://")
}
