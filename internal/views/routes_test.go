package views

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmpsim"
	"cmpconsole/internal/fault"
)

var (
	everyone = []auth.Role{auth.Support, auth.Manager, auth.Auditor, auth.Admin}
	support  = []auth.Role{auth.Support}
	noters   = []auth.Role{auth.Support, auth.Manager}
)

// openRows are what anyone, or anyone signed in, may pass. Whoever adds one argues for it here.
var openRows = []string{"GET /livez", "GET /readyz", "GET /login", "POST /login", "POST /logout", "POST /push/:token/order-status", "POST /push/:token/sms-mt", "POST /push/:token/sms-mo"} // the token of a callback stands in its address

// unrecorded are the pages that leave no row of who looked at them: they tell of no device, and of no order
// but those that this console acted on.
var unrecorded = []string{"GET /livez", "GET /readyz", "GET /login", "GET /", "GET /lifecycle", "GET /labels", "GET /devices/views", "GET /devices/views/new", "GET /devices/views/:view", "GET /devices/views/:view/delete", "GET /packages", "GET /packages/:code", "GET /sms/new", "GET /orders/new", "GET /sync", "GET /events", "GET /unread", "GET /selections/:id/asked"}

// passage says of a row who may pass, at which address it is tried, and what an empty request gets there.
type passage struct {
	roles  []auth.Role
	path   string
	status int
}

// passages is the permission table once more, written down apart from the code: a new row needs a line here.
var passages = map[string]passage{
	"GET /":                             {everyone, "/", 200},
	"POST /push/:token/order-status":    {everyone, "/push/none/order-status", 404},
	"POST /push/:token/sms-mt":          {everyone, "/push/none/sms-mt", 404},
	"POST /push/:token/sms-mo":          {everyone, "/push/none/sms-mo", 404},
	"GET /lifecycle":                    {everyone, "/lifecycle", 200},
	"GET /search":                       {everyone, "/search", 200},
	"POST /search":                      {everyone, "/search", 422},
	"GET /selections":                   {everyone, "/selections", 200},
	"GET /selections/:id":               {everyone, "/selections/none", 404},
	"GET /selections/:id/export":        {[]auth.Role{auth.Support, auth.Manager, auth.Auditor}, "/selections/none/export", 404},
	"POST /selections/:id/pick":         {everyone, "/selections/none/pick", 404},
	"GET /selections/:id/asked":         {everyone, "/selections/none/asked", 404},
	"POST /selections/:id/ask":          {everyone, "/selections/none/ask", 404},
	"GET /devices":                      {everyone, "/devices", 200},
	"POST /devices/select":              {everyone, "/devices/select", 303},
	"GET /devices/views":                {everyone, "/devices/views", 200},
	"GET /devices/views/new":            {everyone, "/devices/views/new", 200},
	"POST /devices/views/new":           {everyone, "/devices/views/new", 422},
	"GET /devices/views/:view":          {everyone, "/devices/views/none", 404},
	"POST /devices/views/:view":         {everyone, "/devices/views/none", 404},
	"POST /devices/views/:view/replace": {everyone, "/devices/views/none/replace", 404},
	"GET /devices/views/:view/delete":   {everyone, "/devices/views/none/delete", 404},
	"POST /devices/views/:view/delete":  {everyone, "/devices/views/none/delete", 404},
	"GET /devices/annotate":             {noters, "/devices/annotate", 404},
	"POST /devices/annotate":            {noters, "/devices/annotate", 404},
	"GET /devices/export":               {[]auth.Role{auth.Support, auth.Manager, auth.Auditor}, "/devices/export?format=csv", 200},
	"GET /devices/columns":              {everyone, "/devices/columns", 200},
	"POST /devices/columns":             {everyone, "/devices/columns", 303},
	"GET /devices/:id":                  {everyone, "/devices/" + cmpsim.DemoInUse, 200},
	"POST /devices/:id/refresh":         {everyone, "/devices/" + cmpsim.DemoInUse + "/refresh", 303},
	"GET /devices/:id/labels":           {noters, "/devices/" + cmpsim.DemoInUse + "/labels", 200},
	"POST /devices/:id/labels":          {noters, "/devices/" + cmpsim.DemoInUse + "/labels", 422},
	"GET /devices/:id/notes":            {everyone, "/devices/" + cmpsim.DemoInUse + "/notes", 200},
	"POST /devices/:id/notes":           {noters, "/devices/" + cmpsim.DemoInUse + "/notes", 422},
	"GET /devices/:id/notes/:note":      {[]auth.Role{auth.Support, auth.Manager, auth.Admin}, "/devices/" + cmpsim.DemoInUse + "/notes/1", 404},
	"POST /devices/:id/notes/:note":     {[]auth.Role{auth.Support, auth.Manager, auth.Admin}, "/devices/" + cmpsim.DemoInUse + "/notes/1", 404},
	"GET /labels":                       {everyone, "/labels", 200},
	"GET /devices/:id/orders":           {everyone, "/devices/" + cmpsim.DemoInUse + "/orders", 200},
	"GET /devices/:id/activity":         {everyone, "/devices/" + cmpsim.DemoInUse + "/activity", 200},
	"GET /devices/:id/usage":            {everyone, "/devices/" + cmpsim.DemoInUse + "/usage", 200},
	"GET /devices/:id/usage/export":     {everyone, "/devices/" + cmpsim.DemoInUse + "/usage/export?format=csv", 200},
	"GET /devices/:id/session":          {everyone, "/devices/" + cmpsim.DemoInUse + "/session", 200},
	"GET /devices/:id/sms":              {everyone, "/devices/" + cmpsim.DemoInUse + "/sms", 200},
	"GET /devices/:id/sms/texts":        {[]auth.Role{auth.Support, auth.Auditor}, "/devices/" + cmpsim.DemoInUse + "/sms/texts", 200},
	"POST /devices/:id/sms/read":        {support, "/devices/" + cmpsim.DemoInUse + "/sms/read", 422},
	"GET /devices/:id/sms/records":      {everyone, "/devices/" + cmpsim.DemoInUse + "/sms/records", 200},
	"GET /devices/:id/imei":             {everyone, "/devices/" + cmpsim.DemoInUse + "/imei", 200},
	"GET /devices/:id/imei/bind":        {support, "/devices/" + cmpsim.DemoInUse + "/imei/bind", 200},
	"POST /devices/:id/imei/bind":       {support, "/devices/" + cmpsim.DemoInUse + "/imei/bind", 409},
	"GET /devices/:id/imei/unbind":      {support, "/devices/" + cmpsim.DemoInUse + "/imei/unbind", 409},
	"POST /devices/:id/imei/unbind":     {support, "/devices/" + cmpsim.DemoInUse + "/imei/unbind", 409},
	"GET /sms":                          {everyone, "/sms", 200},
	"GET /sms/new":                      {support, "/sms/new", 200},
	"POST /sms/new":                     {support, "/sms/new", 422},
	"POST /sms/templates":               {support, "/sms/templates", 422},
	"GET /sms/:msg_id":                  {everyone, "/sms/LK1", 404},
	"GET /sms/:msg_id/text":             {[]auth.Role{auth.Support, auth.Auditor}, "/sms/LK1/text", 404},
	"GET /orders/new":                   {[]auth.Role{auth.Manager}, "/orders/new", 200},
	"POST /orders/new":                  {[]auth.Role{auth.Manager}, "/orders/new", 422},
	"GET /packages":                     {everyone, "/packages", 200},
	"POST /packages/refresh":            {everyone, "/packages/refresh", 303},
	"GET /packages/:code":               {everyone, "/packages/LP14230912003377", 200},
	"GET /orders":                       {everyone, "/orders", 200},
	"GET /orders/batches/:batch":        {everyone, "/orders/batches/none", 409},
	"GET /orders/:id":                   {everyone, "/orders/" + cmpsim.DemoOrder, 200},
	"GET /orders/:id/open":              {support, "/orders/" + cmpsim.DemoWaitingOrder + "/open", 200},
	"POST /orders/:id/open":             {support, "/orders/" + cmpsim.DemoWaitingOrder + "/open", 409},
	"GET /orders/:id/pause":             {support, "/orders/" + cmpsim.DemoOrder + "/pause", 200},
	"POST /orders/:id/pause":            {support, "/orders/" + cmpsim.DemoOrder + "/pause", 409},
	"GET /orders/:id/restart":           {support, "/orders/" + cmpsim.DemoSuspendedOrder + "/restart", 200},
	"POST /orders/:id/restart":          {support, "/orders/" + cmpsim.DemoSuspendedOrder + "/restart", 409},
	"GET /orders/:id/cancel":            {support, "/orders/" + cmpsim.DemoWaitingOrder + "/cancel", 200},
	"POST /orders/:id/cancel":           {support, "/orders/" + cmpsim.DemoWaitingOrder + "/cancel", 409},
	"GET /orders/:id/end":               {support, "/orders/" + cmpsim.DemoOrder + "/end", 200},
	"POST /orders/:id/end":              {support, "/orders/" + cmpsim.DemoOrder + "/end", 409},
	"GET /pushes":                       {everyone, "/pushes", 200},
	"GET /pushes/addresses":             {everyone, "/pushes/addresses", 200},
	"GET /pushes/addresses/token":       {[]auth.Role{auth.Admin}, "/pushes/addresses/token", 200},
	"POST /pushes/test":                 {[]auth.Role{auth.Support, auth.Admin}, "/pushes/test", 404},
	"GET /pushes/:id":                   {everyone, "/pushes/1", 404},
	"GET /pushes/:id/text":              {[]auth.Role{auth.Support, auth.Auditor}, "/pushes/1/text", 404},
	"GET /pushes/:id/redact":            {[]auth.Role{auth.Admin}, "/pushes/1/redact", 404},
	"POST /pushes/:id/redact":           {[]auth.Role{auth.Admin}, "/pushes/1/redact", 404},
	"POST /pushes/:id/replay":           {[]auth.Role{auth.Support, auth.Admin}, "/pushes/1/replay", 404},
	"GET /doubts/:id":                   {[]auth.Role{auth.Admin}, "/doubts/x", 404},
	"POST /doubts/:id":                  {[]auth.Role{auth.Admin}, "/doubts/x", 404},
	"GET /events":                       {everyone, "/events", 422},
	"GET /unread":                       {everyone, "/unread", 200},
	"GET /sync":                         {everyone, "/sync", 200},
	"POST /sync/start":                  {[]auth.Role{auth.Manager, auth.Admin}, "/sync/start", 303},
	"POST /sync/stop":                   {[]auth.Role{auth.Manager, auth.Admin}, "/sync/stop", 303},
	"GET /system":                       {[]auth.Role{auth.Admin}, "/system", 200},
	"POST /system/read-only":            {[]auth.Role{auth.Admin}, "/system/read-only", 422},
	"POST /system/accept":               {[]auth.Role{auth.Admin}, "/system/accept", 409},
	"GET /audit":                        {everyone, "/audit", 200},
	"GET /audit/export":                 {everyone, "/audit/export?format=jsonl", 200},
	"GET /audit/checkpoint":             {[]auth.Role{auth.Auditor, auth.Admin}, "/audit/checkpoint?part=key", 200},
	"GET /audit/:seq":                   {everyone, "/audit/1", 200},
	"POST /audit/:seq/redact":           {[]auth.Role{auth.Admin}, "/audit/1/redact", 422},
	"GET /livez":                        {everyone, "/livez", 200},
	"GET /readyz":                       {everyone, "/readyz", 200},
	"GET /login":                        {everyone, "/login", 303},
	"POST /login":                       {everyone, "/login", 401},
	"POST /logout":                      {everyone, "/logout", 303},

	"GET /devices/annotations/:annotation":         {noters, "/devices/annotations/none", 404},
	"POST /devices/annotations/:annotation/stop":   {noters, "/devices/annotations/none/stop", 404},
	"POST /devices/annotations/:annotation/resume": {noters, "/devices/annotations/none/resume", 404},
}

func TestRoutesTable(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, r := range routes() {
		row := r.method + " " + r.path
		if seen[row] {
			t.Errorf("%s stands twice", row)
		}
		seen[row] = true
		if r.handler == nil || r.permission == "" {
			t.Errorf("%s has no handler or no permission", row)
		}
		if r.method != http.MethodGet && r.action == "" && !strings.HasPrefix(r.path, pushPath) { // what comes of a callback is recorded, not that it came
			t.Errorf("%s changes something and names no audit action", row)
		}
		if r.method == http.MethodGet && (r.action == "") != slices.Contains(unrecorded, row) {
			t.Errorf("%s: whoever looks there is recorded as %q", row, r.action)
		}
		if r.action != "" && !slices.Contains(audit.Actions(), r.action) {
			t.Errorf("%s: %q is not in the log's vocabulary", row, r.action)
		}
		if open := r.permission == auth.Public || r.permission == auth.SignedIn; open != slices.Contains(openRows, row) {
			t.Errorf("%s: permission %q", row, r.permission)
		}
		if p, ok := passages[row]; !ok || p.path == "" {
			t.Errorf("%s stands in no line of the permission table", row)
		}
	}
	for row := range passages {
		if !seen[row] {
			t.Errorf("%s is no row any more", row)
		}
	}
}

// Every role tries every row, and so does nobody: who may pass gets there, who may not is refused and recorded.
// At the end every row's handler has been run by somebody.
func TestRoleByRoute(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	if _, err := st.Audit.Append(t.Context(), audit.Entry{Actor: "support", Action: audit.Search, Phase: audit.Event, Outcome: audit.OK}); err != nil {
		t.Fatal(err) // row 1 is somebody's
	}
	for _, role := range []auth.Role{auth.Support, auth.Manager, auth.Auditor, auth.Admin, ""} {
		v := st.visit(t, role)
		for _, row := range walk() {
			method, _, _ := strings.Cut(row, " ")
			form := url.Values(nil)
			if method == http.MethodPost {
				form = url.Values{"csrf": {v.csrf}}
			}
			a := v.do(method, passages[row].path, form)
			v.checkPassage(role, row, a)
		}
	}
	for _, r := range routes() {
		if _, ok := st.reached.Load(r.method + " " + r.path); !ok {
			t.Errorf("no test reaches %s %s", r.method, r.path)
		}
	}
}

// walk lists all rows, with the one that ends the visit at the end.
func walk() (rows []string) {
	for _, r := range routes() {
		if row := r.method + " " + r.path; row != "POST /logout" {
			rows = append(rows, row)
		}
	}
	return append(rows, "POST /logout")
}

func (v *visitor) checkPassage(role auth.Role, row string, a answer) {
	t, p := v.t, passages[row]
	t.Helper()
	public := slices.Contains(openRows, row) && row != "POST /logout"
	switch {
	case public && (role != "" || row != "GET /login"):
		if a.status != p.status {
			t.Errorf("%q %s: %d, want %d", role, row, a.status, p.status)
		}
	case public:
		if a.status != http.StatusOK {
			t.Errorf("nobody at the door: %d", a.status)
		}
	case role == "":
		v.checkDoor(row, a)
	case !slices.Contains(p.roles, role):
		d := v.site.denied(t, a)
		permission := "no permission orders:" + row[strings.LastIndexByte(row, '/')+1:]
		switch {
		case strings.Contains(row, "/doubts/"):
			permission = "no permission doubts:settle"
		case strings.Contains(row, "/sync/"):
			permission = "no permission sync:manage"
		case strings.Contains(row, "/system"):
			permission = "no permission system:manage"
		case strings.Contains(row, "/notes/"):
			permission = "no permission notes:edit"
		case strings.HasSuffix(row, "/export"):
			permission = "no permission devices:export"
		case strings.HasSuffix(row, "/labels"), strings.HasSuffix(row, "/notes"), strings.HasSuffix(row, "/annotate"), strings.Contains(row, "/annotations/"):
			permission = "no permission devices:note"
		case strings.Contains(row, "/imei/"):
			permission = "no permission imei:bind"
		case strings.HasSuffix(row, "/orders/new"):
			permission = "no permission orders:create"
		case strings.HasSuffix(row, "/token"):
			permission = "no permission system:manage"
		case strings.HasSuffix(row, "/replay"), strings.HasSuffix(row, "/test"):
			permission = "no permission pushes:replay"
		case strings.HasSuffix(row, "/text"), strings.HasSuffix(row, "/texts"):
			permission = "no permission sms:reveal"
		case strings.HasPrefix(p.path, "/audit/checkpoint"):
			permission = "no permission audit:read"
		case strings.HasSuffix(row, "/redact"):
			permission = "no permission audit:redact"
		case strings.Contains(row, "/sms/"):
			permission = "no permission sms:send"
		}
		path, _, _ := strings.Cut(p.path, "?")
		if a.status != http.StatusForbidden || d["path"] != path || row[:len(d["method"])] != d["method"] || d["why"] != permission {
			t.Errorf("%s %s: %d, recorded %v, want %q", role, row, a.status, d, permission)
		}
	case row == "GET /audit/:seq" && role == auth.Manager: // row 1 is not theirs
		if d := v.site.denied(t, a); a.status != http.StatusForbidden || d["path"] != "/audit/1" {
			t.Errorf("%s %s: %d, recorded %v", role, row, a.status, d)
		}
	case a.status != p.status:
		t.Errorf("%s %s: %d, want %d", role, row, a.status, p.status)
	}
}

// checkDoor expects that nobody is led to the door, and back from there to where they were heading.
func (v *visitor) checkDoor(row string, a answer) {
	t, path := v.t, passages[row].path
	t.Helper()
	if method, _, _ := strings.Cut(row, " "); method == http.MethodPost {
		if a.status != http.StatusUnauthorized || a.header.Get("Location") != "" {
			t.Errorf("nobody at %s: %d", row, a.status)
		}
	} else if want := "/login?next=" + url.QueryEscape(path); a.status != http.StatusSeeOther || a.header.Get("Location") != want {
		t.Errorf("nobody at %s: %d %s, want %s", row, a.status, a.header.Get("Location"), want)
	}
	h := v.do(row[:strings.IndexByte(row, ' ')], path, nil, "HX-Request", "true")
	if door := h.header.Get("HX-Redirect"); h.status != http.StatusUnauthorized || !strings.HasPrefix(door, "/login?") || h.body != "" {
		t.Errorf("nobody by htmx at %s: %d, HX-Redirect %q", row, h.status, door)
	}
}

// A user of several roles may do what any of them may, and no more.
func TestSeveralRoles(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visitAs(t, "two", auth.Manager, auth.Support, auth.Admin)
	v.get("/orders/"+cmpsim.DemoOrder+"/pause").want(t, 200)
	for row, p := range passages {
		if method, path, _ := strings.Cut(row, " "); method == http.MethodGet && p.status == http.StatusOK && path != "/audit/:seq" {
			v.get(p.path).want(t, 200)
			if a := v.do(http.MethodHead, p.path, nil); a.status != 200 || a.body != "" {
				t.Errorf("HEAD %s: %d, %d bytes", p.path, a.status, len(a.body))
			}
		}
	}
}

// A row of the table that somebody forgot to give a permission is closed to all, admins included.
func TestARowWithoutPermissionIsClosed(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Admin)
	c := requested(t, "/forgotten", "session", v.cookie("session"))
	if err := st.admit(c, route{method: get, path: "/forgotten"}); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("an admin at a row without permission: %v", err)
	}
	if err := st.admit(c, route{method: get, path: "/forgotten", permission: auth.DevicesRead}); err != nil {
		t.Errorf("with one: %v", err)
	}
}
