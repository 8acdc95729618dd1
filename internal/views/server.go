// Package views is all that speaks Gin: the one table of routes, what stands around every request, and a
// handler, form and view-model builder for each resource.
package views

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/klauspost/compress/gzhttp"

	"cmpconsole/internal/annotate"
	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/inquiry"
	"cmpconsole/internal/live"
	"cmpconsole/internal/mirror"
	"cmpconsole/internal/notebook"
	"cmpconsole/internal/ops"
	"cmpconsole/internal/webhook"
	"cmpconsole/web/static"
)

// upstream is the part of the CMP client that only reads: no page can change the CMP past the audit log.
type upstream interface {
	Device(ctx context.Context, id string) (cmp.Device, error)
	Devices(ctx context.Context, page, size int) (cmp.DevicePage, error)
	Orders(ctx context.Context, q cmp.OrderQuery) (cmp.OrderPage, error)
	OrdersOf(ctx context.Context, deviceID string) ([]cmp.Order, error)
	Order(ctx context.Context, id string) (cmp.Order, error)
	AllPackages(ctx context.Context) ([]cmp.Package, error)
	AllCDRs(ctx context.Context, q cmp.CDRQuery) ([]cmp.CDR, error)
	SMSRecords(ctx context.Context, q cmp.SMSRecordQuery) (cmp.SMSRecordPage, error)
	LiveSession(ctx context.Context, imsi string) (cmp.Live, error)
	Bindings(ctx context.Context, deviceID string) ([]cmp.BindingTrack, error)
	Health() cmp.Health
	Has(call string) bool
}

// fleet is the copy of the fleet as pages need it: what they read, and that something of our own about devices has changed. What the CMP
// says comes into it by the client and by the sync alone.
type fleet interface {
	Device(ctx context.Context, id string) (mirror.Device, bool, error)
	Binding(ctx context.Context, id string) (mirror.Binding, bool, error)
	Exact(ctx context.Context, value string, limit int) (mirror.Hits, error)
	ExactMany(ctx context.Context, values []string) (map[string][]mirror.Ref, error)
	Parts(ctx context.Context, part string, limit int, kinds ...mirror.Kind) (mirror.Hits, error)
	List(ctx context.Context, q mirror.Query) (mirror.Page, error)
	Each(ctx context.Context, q mirror.Query, visit func(mirror.Device) error) error
	IDs(ctx context.Context, f mirror.Filter, limit int) (ids []string, total int, err error)
	Count(ctx context.Context, f mirror.Filter) (int, error)
	Spread(ctx context.Context, f mirror.Filter, by mirror.Date, first time.Time, days int) (*mirror.Spread, error)
	Totals(ctx context.Context) (mirror.Totals, error)
	Known() int
	Packages() []mirror.CodeCount
	Partners() []mirror.CodeCount
	Relabel(ctx context.Context, ids []string) error
	Reselected()
}

// Deps is what the server is built from. Every field is needed but Proxies, Origins, PushQuiet, BaseURL and Demo.
type Deps struct {
	CMP         upstream
	Actions     *ops.Actions
	Users       *auth.Users
	Sessions    *auth.Sessions
	Book        *notebook.Book
	Selections  *notebook.Selections
	Annotations *annotate.Runner
	Asker       *inquiry.Asker // asks the CMP for what is in selections and not in the mirror
	Mirror      fleet
	Sync        *mirror.Sync // keeps the mirror like the CMP
	Inbox       *webhook.Inbox
	Live        *live.Hub // tells open pages what has changed
	Audit       *audit.Log
	Checkpoints checkpoints
	Logger      *slog.Logger
	Now         func() time.Time
	Secure      bool     // browsers reach us over TLS
	Proxies     []string // whose forwarded headers count
	OnlyProxies bool     // whoever is none of them is refused
	Origins     []string // of which posts are accepted, besides our own
	ChainState  func() audit.State
	Gate        *ops.Gate
	Eraser      *ops.Eraser
	PushQuiet   time.Duration // without a callback for so long, pages say so; 0: never
	BaseURL     string        // under which browsers reach the console; empty: as the request says
	Demo        *Demo         // set in demo mode only
}

// Demo is what the demo mode tells on its pages.
type Demo struct {
	Users    []string
	Password string
	TestPush func(kind webhook.Kind) error // has the sandbox send a callback
}

// Server answers the browser.
type Server struct {
	Deps
	routes   []route
	forms    map[string]route // pages whose form is posted to their own address
	zones    zones
	counts   counts
	searches settling // that somebody is typing
	looks    looks
	beat     func() (tick <-chan time.Time, stop func()) // of a stream

	catalogue catalogue
}

// New returns a server ready to serve.
func New(d Deps) *Server {
	table := routes()
	return &Server{Deps: d, routes: table, forms: formPages(table), beat: newBeat}
}

// Handler returns what the HTTP server serves: the middleware in order, then the table.
func (s *Server) Handler() (http.Handler, error) {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.HandleMethodNotAllowed = true
	engine.RedirectTrailingSlash = false // its answer would pass by every middleware
	engine.ContextWithFallback = false
	if err := engine.SetTrustedProxies(s.Proxies); err != nil {
		return nil, err
	}
	origin := http.NewCrossOriginProtection()
	for _, o := range s.Origins {
		if err := origin.AddTrustedOrigin(o); err != nil {
			return nil, err
		}
	}
	engine.Use(s.identify, s.logRequest, s.recoverPanic, s.secureHeaders)
	if s.OnlyProxies {
		networks, err := networksOf(s.Proxies)
		if err != nil {
			return nil, err
		}
		engine.Use(onlyProxies(s, networks))
	}
	engine.Use(s.readForm, s.checkOrigin(origin))
	s.install(engine)
	compress, err := gzhttp.NewWrapper(gzhttp.CompressionLevel(5), gzhttp.MinSize(1024), gzhttp.EnableZstd(false), gzhttp.RandomJitter(32, 0, false))
	if err != nil {
		return nil, err
	}
	return holding(compress(engine)), nil
}

// install puts the table, the static files and the answers for everything else on the engine.
func (s *Server) install(engine *gin.Engine) {
	for _, r := range s.routes {
		engine.Handle(r.method, r.path, s.serve(r))
		if r.method == http.MethodGet {
			engine.Handle(http.MethodHead, r.path, s.serve(r))
		}
	}
	engine.GET(static.Prefix+"*name", gin.WrapH(static.Handler()))
	engine.NoRoute(s.guest, s.noPage)
	engine.NoMethod(s.guest, func(c *gin.Context) { s.fail(c, errNoMethod) })
}
