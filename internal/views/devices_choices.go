package views

import (
	gocmp "cmp"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/mirror"
	"cmpconsole/web/templates"
)

// choicesMost is how many packages or partners a filter offers; any other can be written into the address.
const choicesMost = 300

// deviceBar are the fields of the filters, with what is set.
func (s *Server) deviceBar(c *gin.Context, q deviceQuery) templates.DeviceBar {
	set := func(key string) string { return q.values.Get(key) }
	bar := templates.DeviceBar{
		Part: set("q"), Label: set("label"), Gone: set("gone") == "yes", Selection: set("in"), Sort: set("sort"), View: q.view, ShownColumns: strings.Join(q.columns, " "), Ticked: q.ticked.ID, Wrong: q.wrong, More: q.has("country", "partner", "stage_ends", "ota", "label", "stale", "gone", "order", "in"),
		Lifecycles: q.choose("lifecycle", "Any stage", stageChoices), Statuses: q.choose("status", "Any status", statusChoices), Orders: q.choose("order", "With or without", []offer{{"none", "None activated"}}),
		Expires: q.choose("expires", "Any time", dayChoices), StageEnds: q.choose("stage_ends", "Any time", dayChoices), Used: q.choose("used", "Any share", usedChoices), OTA: q.choose("ota", "Yes or no", []offer{{"yes", "Yes"}, {"no", "No"}}),
		Stale: q.choose("stale", "Any age", staleChoices), Packages: q.choose("package", "Any package", codeChoices(s.Mirror.Packages())), Partners: q.choose("partner", "Any partner", codeChoices(s.Mirror.Partners())),
		Countries: q.choose("country", "Any country", s.countryChoices(c, q.fault() != "")),
	}
	var err error
	if bar.Labels, err = s.Book.LabelNames(c.Request.Context(), offeredLabels); err != nil {
		s.Logger.Warn("labels are not offered", "err", err)
	}
	return bar
}

// has tells whether one of the filters is set.
func (q deviceQuery) has(keys ...string) bool {
	return slices.ContainsFunc(keys, q.values.Has)
}

type offer struct{ value, label string }

var (
	stageChoices  = []offer{{"0", "Inventory"}, {"1", "Silent"}, {"2", "Usage"}, {"3", "Suspended service"}, {"4", "Disposal"}, {"5", "Internal inventory"}}
	statusChoices = []offer{{"2", "In use"}, {"5", "Suspended"}, {"2,5", "In use or suspended"}, {"3", "Ended"}}
	dayChoices    = []offer{{"past", "In the past"}, {"7d", "Within 7 days"}, {"30d", "Within 30 days"}, {"90d", "Within 90 days"}}
	usedChoices   = []offer{{"50", "50 % or more"}, {"80", "80 % or more"}, {"100", "100 % or more"}}
	staleChoices  = []offer{{"24h", "For 24 hours"}, {"7d", "For 7 days"}, {"30d", "For 30 days"}}
)

// choose offers values of a filter. One that is set and not among them stays, so that sending the form changes nothing else.
func (q deviceQuery) choose(key, none string, list []offer) []templates.Option {
	set := q.values.Get(key)
	options := []templates.Option{{Label: none, Selected: set == ""}}
	for _, one := range list {
		options = append(options, templates.Option{Value: one.value, Label: one.label, Selected: one.value == set})
	}
	if set != "" && !slices.ContainsFunc(list, func(one offer) bool { return one.value == set }) {
		options = append(options, templates.Option{Value: set, Label: gocmp.Or(q.words[key], set), Selected: true})
	}
	return options
}

func codeChoices(list []mirror.CodeCount) (choices []offer) {
	for _, p := range list[:min(len(list), choicesMost)] {
		choices = append(choices, offer{p.Code, gocmp.Or(p.Name, p.Code) + " (" + number(p.Devices) + ")"})
	}
	return choices
}

// nameOf is the name of a code, the code itself where none is known.
func nameOf(list []mirror.CodeCount, code string) string {
	i := slices.IndexFunc(list, func(p mirror.CodeCount) bool { return p.Code == code })
	if i < 0 {
		return code
	}
	return gocmp.Or(list[i].Name, code)
}

// countryChoices are the countries of the catalogue, as far as it is known: the list does not wait for it.
func (s *Server) countryChoices(c *gin.Context, wrong bool) (choices []offer) {
	if wrong {
		return nil // nothing is asked of the CMP then
	}
	for _, name := range s.catalogue.countries(c.Request.Context(), s.CMP, s.Now) {
		choices = append(choices, offer{name, name})
	}
	return choices
}
