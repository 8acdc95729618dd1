package views

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/cmp"
	"cmpconsole/internal/mirror"
	"cmpconsole/internal/notebook"
)

// deviceQuery is what a list of devices is narrowed to and sorted by, as its address says it. What is wrong with it
// stands by the name of its parameter, and does not filter.
type deviceQuery struct {
	values url.Values // the parameters that are set
	filter mirror.Filter
	in     notebook.Selection // that the list is narrowed to
	ticked notebook.Selection // what was ticked on other pages, and goes on being
	words  map[string]string  // what each filter is set to, for the reader
	wrong  map[string]string
	sort   mirror.Sort
	desc   bool

	view    string   // the saved view that it began with
	columns []string // that are shown in place of the operator's own choice
}

// deviceFilters are the parameters that narrow the list, in the order of their chips, with their names on the page.
var deviceFilters = []struct {
	key, label string
	read       func(s *Server, c *gin.Context, q *deviceQuery, text string) (wrong string)
}{
	{"q", "Number", (*Server).filterPart},
	{"lifecycle", "Lifecycle", (*Server).filterLifecycle},
	{"status", "Order status", (*Server).filterStatus},
	{"order", "Order", (*Server).filterOrder},
	{"package", "Package", (*Server).filterPackage},
	{"country", "Country", (*Server).filterCountry},
	{"partner", "Partner", (*Server).filterPartner},
	{"expires", "Order expires", (*Server).filterExpires},
	{"stage_ends", "Stage ends", (*Server).filterStageEnds},
	{"used", "Used", (*Server).filterUsed},
	{"ota", "OTA", (*Server).filterOTA},
	{"label", "Label", (*Server).filterLabel},
	{"stale", "Not confirmed for", (*Server).filterStale},
	{"gone", "Gone", (*Server).filterGone},
	{"in", "Selection", (*Server).filterIn},
}

// deviceSorts are the orders that a list offers.
var deviceSorts = []mirror.Sort{mirror.ByID, mirror.ByExpiry, mirror.ByUsed, mirror.ByStageEnd, mirror.ByRead}

// deviceQuery reads the query of an address.
func (s *Server) deviceQuery(c *gin.Context) deviceQuery {
	return s.readQuery(c, c.Request.URL.Query())
}

// readQuery reads a query, of the address or of a view.
func (s *Server) readQuery(c *gin.Context, values url.Values) deviceQuery {
	q := deviceQuery{values: url.Values{}, words: map[string]string{}, wrong: map[string]string{}}
	for _, f := range deviceFilters {
		text := strings.Trim(strings.Join(values[f.key], ","), ", ") // a form sends one parameter a tick
		if text == "" {
			continue
		}
		q.values.Set(f.key, text)
		q.words[f.key] = text
		if wrong := f.read(s, c, &q, text); wrong != "" {
			q.wrong[f.key] = wrong
		}
	}
	if text := values.Get("sort"); text != "" {
		name, desc := strings.CutPrefix(text, "-")
		if !slices.Contains(deviceSorts, mirror.Sort(name)) {
			q.wrong["sort"] = "The list cannot be sorted by “" + name + "”."
		} else {
			q.values.Set("sort", text)
			q.sort, q.desc = mirror.Sort(name), desc
		}
	}
	q.readLook(values)
	s.readTicked(c, &q, values.Get("ticked"))
	return q
}

// readTicked reads what was ticked on other pages; what is not there any more, or somebody else's, is not.
func (s *Server) readTicked(c *gin.Context, q *deviceQuery, id string) {
	if id == "" {
		return
	}
	sel, err := s.Selections.Get(c.Request.Context(), id)
	if err != nil || sel.Owner != operator(c).UserID || sel.Source != notebook.Chosen {
		return
	}
	q.ticked = sel
	q.values.Set("ticked", id)
}

// readLook reads which view the list began with, and its columns.
func (q *deviceQuery) readLook(values url.Values) {
	if q.view = values.Get("view"); q.view != "" {
		q.values.Set("view", q.view)
	}
	text := values.Get("columns")
	if text == "" {
		return
	}
	q.columns = strings.Fields(text)
	q.values.Set("columns", text)
	for _, name := range q.columns {
		if !isColumn(name) {
			q.wrong["columns"] = "The list has no column “" + name + "”."
		}
	}
}

// fault is the first thing that is wrong, empty when nothing is.
func (q deviceQuery) fault() string {
	for _, f := range deviceFilters {
		if wrong := q.wrong[f.key]; wrong != "" {
			return f.label + ": " + wrong
		}
	}
	return q.wrong["sort"] + q.wrong["columns"] + q.wrong["list"]
}

// filtered tells whether the list is narrowed at all.
func (q deviceQuery) filtered() bool { return len(q.words) > 0 }

// narrowing is the part of the query that says which devices are meant.
func (q deviceQuery) narrowing() string { return q.at("", "view", "", "columns", "", "ticked", "") }

// at is an address with the query, and with other values for some of its parameters; an empty one takes it away.
func (q deviceQuery) at(path string, pairs ...string) string {
	var all []string
	for key := range q.values {
		all = append(all, key, q.values.Get(key))
	}
	return withQuery(path, append(all, pairs...)...)
}

func (s *Server) filterPart(_ *gin.Context, q *deviceQuery, text string) string {
	part := compact(text)
	if digits := strings.TrimLeft(strings.ToUpper(part), "ABCDEFGHIJKLMNOPQRSTUVWXYZ_-"); strings.Contains(part, "_") {
		part = digits // of an order code, which is found by them
	}
	if len(part) < mirror.MinPart || len(part) > 32 || strings.Trim(part, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" {
		return "Type 3 to 32 letters or digits of an ICCID, IMSI, MSISDN, IMEI or order id."
	}
	q.filter.Part = part
	return ""
}

func (s *Server) filterLifecycle(_ *gin.Context, q *deviceQuery, text string) string {
	return severalOf(q, "lifecycle", text, &q.filter.Lifecycles, func(l cmp.Lifecycle) (word, wrong string) {
		if _, ok := stageWords[l]; !ok && l != "?" {
			wrong = "There is no stage “" + string(l) + "”. Choose one of the list."
		}
		return stageName(l), wrong
	})
}

func (s *Server) filterStatus(_ *gin.Context, q *deviceQuery, text string) string {
	return severalOf(q, "status", text, &q.filter.Statuses, func(st cmp.OrderStatus) (word, wrong string) {
		if _, ok := statusWords[st]; !ok && st != "?" {
			wrong = "There is no status “" + string(st) + "”. Choose one of the list."
		}
		return statusBadge(st).Word, wrong
	})
}

// severalOf reads values with commas between them, any of which is meant.
func severalOf[T ~string](q *deviceQuery, key, text string, into *[]T, known func(T) (word, wrong string)) string {
	var words []string
	for part := range strings.SplitSeq(text, ",") {
		word, wrong := known(T(part))
		if wrong != "" {
			return wrong
		}
		*into, words = append(*into, T(part)), append(words, word)
	}
	q.words[key] = strings.Join(words, " or ")
	return ""
}

func (s *Server) filterOrder(_ *gin.Context, q *deviceQuery, text string) string {
	if text != "none" {
		return "Only order=none is known: devices without an activated order."
	}
	q.filter.NoOrder, q.words["order"] = true, "none is activated"
	return ""
}

func (s *Server) filterPackage(_ *gin.Context, q *deviceQuery, text string) string {
	q.filter.Packages, q.words["package"] = q.narrowPackages([]string{text}), nameOf(s.Mirror.Packages(), text)
	return ""
}

// filterCountry narrows to the packages that the catalogue has for a country.
func (s *Server) filterCountry(c *gin.Context, q *deviceQuery, text string) string {
	found, err := s.catalogue.read(c.Request.Context(), s.CMP, s.Now())
	if err != nil {
		return "Countries are those of the CMP's catalogue, which cannot be read just now."
	}
	codes := []string{}
	for _, p := range found.packages {
		if slices.Contains(countryNames(p), text) {
			codes = append(codes, p.Code)
		}
	}
	q.filter.Packages = q.narrowPackages(codes)
	return ""
}

// narrowPackages keeps what both a package and a country ask for.
func (q *deviceQuery) narrowPackages(codes []string) []string {
	if q.filter.Packages == nil {
		return codes
	}
	return slices.DeleteFunc(codes, func(code string) bool { return !slices.Contains(q.filter.Packages, code) })
}

func (s *Server) filterPartner(_ *gin.Context, q *deviceQuery, text string) string {
	q.filter.Partner, q.words["partner"] = text, nameOf(s.Mirror.Partners(), text)
	return ""
}

func (s *Server) filterExpires(_ *gin.Context, q *deviceQuery, text string) (wrong string) {
	q.filter.Expires, q.words["expires"], wrong = s.days(text)
	return wrong
}

func (s *Server) filterStageEnds(_ *gin.Context, q *deviceQuery, text string) (wrong string) {
	q.filter.StageEnds, q.words["stage_ends"], wrong = s.days(text)
	return wrong
}

func (s *Server) filterUsed(_ *gin.Context, q *deviceQuery, text string) string {
	percent, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(text, "%")))
	if err != nil || percent < 1 || percent > 6000 {
		return "Write a percentage from 1 to 6000, such as 80."
	}
	q.filter.UsedFrom, q.words["used"] = percent, number(percent)+" % or more"
	return ""
}

func (s *Server) filterOTA(_ *gin.Context, q *deviceQuery, text string) string {
	if text != "yes" && text != "no" {
		return "Write yes or no."
	}
	yes := text == "yes"
	q.filter.OTA = &yes
	return ""
}

// filterLabel narrows to the devices that have all of some labels, whatever their letters, upper or lower.
func (s *Server) filterLabel(c *gin.Context, q *deviceQuery, text string) string {
	labels, err := s.Book.Spelled(c.Request.Context(), labelsIn(text))
	if err != nil {
		return classify(err).Message
	}
	q.filter.Labels, q.words["label"] = labels, strings.Join(labels, " and ")
	q.values.Set("label", strings.Join(labels, ","))
	return ""
}

func (s *Server) filterStale(_ *gin.Context, q *deviceQuery, text string) string {
	age, ok := lapse(text)
	if !ok {
		return "Write a time such as 24h or 7d."
	}
	q.filter.ReadBefore, q.words["stale"] = s.Now().Add(-age), strings.NewReplacer("h", " hours", "d", " days").Replace(text)
	return ""
}

func (s *Server) filterGone(_ *gin.Context, q *deviceQuery, text string) string {
	if text != "yes" {
		return "Only gone=yes is known: devices that the CMP no longer knows."
	}
	q.filter.Gone, q.words["gone"] = true, "unknown to the CMP now"
	return ""
}

func (s *Server) filterIn(c *gin.Context, q *deviceQuery, text string) string {
	sel, err := s.Selections.Get(c.Request.Context(), text)
	if err != nil {
		return classify(err).Message
	}
	q.in, q.filter.In, q.words["in"] = sel, text, sel.Title
	return ""
}

// lapse reads a length of time in hours or days.
func lapse(text string) (time.Duration, bool) {
	unit := time.Hour
	number, ok := strings.CutSuffix(text, "h")
	if !ok {
		unit = 24 * time.Hour
		number, ok = strings.CutSuffix(text, "d")
	}
	n, err := strconv.Atoi(number)
	return time.Duration(n) * unit, ok && err == nil && n > 0 && n <= 10_000
}
