package views

import (
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/ident"
	"cmpconsole/internal/mirror"
	"cmpconsole/web/templates"
	"cmpconsole/web/templates/ui"
)

// hitGroup is a group of devices by the number that matched.
type hitGroup struct {
	kind  mirror.Kind
	title string
	word  string // in a row's second line
	icon  string
}

// hitGroups are the groups of a page in their order, by the number that matched.
var hitGroups = []hitGroup{
	{mirror.KindDevice, "Devices", "", "cpu"},
	{mirror.KindICCID, "ICCIDs of profiles", "ICCID", "cpu"},
	{mirror.KindIMSI, "IMSIs", "IMSI", "cpu"},
	{mirror.KindMSISDN, "MSISDNs", "MSISDN", "cpu"},
	{mirror.KindIMEI, "IMEIs", "IMEI", "cpu"},
	{mirror.KindOrder, "Orders", "Order", "shopping-cart"},
}

var (
	whatToLookFor = &templates.Nothing{Icon: "search", Title: "What are you looking for?", Text: "A device id or ICCID, IMSI, MSISDN, IMEI, order code, message id, package or label, whole or a part of three characters. One hit opens at once."}
	typeMore      = &templates.Nothing{Icon: "search", Title: "Type a little more", Text: "From three characters on, everything that has them is shown here."}
)

// searchView lays out what was found.
func (s *Server) searchView(c *gin.Context, f finding) templates.Search {
	k := s.clock(c)
	v := templates.Search{Query: f.read.Text, ManyHref: withQuery("/selections", "q", f.read.Text), ReadAs: readAs(f.read), Remarks: remarks(f), Explain: f.told.explain}
	v.Groups = append(k.deviceGroups(f), toldGroups(k, f.told, f.read.Part())...)
	v.Groups = append(v.Groups, ownGroups(f)...)
	total, err := s.Mirror.Totals(c.Request.Context())
	v.AsOf = k.asOf(f, total)
	if len(f.devices) > 0 {
		v.Here, v.CSRF = withQuery("/search", "q", f.read.Text), operator(c).CSRF
	}
	if f.more {
		tellMore(f, &v)
	}
	if f.short() {
		v.Explain = tooShort
	}
	v.Summary = summary(v.Groups, f.others())
	if len(v.Groups) == 0 {
		v.Nothing = nothing(f)
		v.Summary = v.Nothing.Title
	}
	if f.told.failed != nil {
		v.Nothing = unanswered(c, f)
	}
	v.State = s.fleetState(f, total, err)
	return v
}

// readAs says what the text was taken for, of several numbers how many, and of an IMSI the country.
func readAs(r ident.Reading) string {
	if n := wholeIn(r.Text); n > 1 {
		return number(n) + " numbers"
	}
	word := r.As()
	if imsi, ok := r.Is(ident.IMSI); ok && r.Senses[0].Kind == ident.IMSI {
		if country := countries[imsi.Key[:3]]; country != "" {
			word = strings.Replace(word, "IMSI", "IMSI ("+country+")", 1)
		}
	}
	return word
}

// remarks say what was left out of the text, what a spreadsheet did to it and what speaks against it.
func remarks(f finding) (list []templates.Notice) {
	r := f.read
	if n := wholeIn(r.Text); n > 1 {
		list = append(list, templates.Notice{Title: "These are " + number(n) + " numbers.", Text: "The box looks for one at a time.", Href: withQuery("/selections", "q", r.Text), Link: "Look up all of them"})
	}
	if len(r.Notes) > 0 {
		list = append(list, templates.Notice{Title: "Left out:", Text: strings.Join(r.Notes, ", ") + "."})
	}
	if r.Lost != nil && f.whole == 0 {
		n := templates.Notice{Tone: "warn", Title: r.Lost.Why, Text: ident.Advice}
		if len(r.Lost.Prefix) >= ident.MinPart {
			n.Href, n.Link = withQuery("/search", "q", r.Lost.Prefix), "Look for what begins with "+r.Lost.Prefix
		}
		list = append(list, n)
	}
	if remark := r.Remark(); remark != "" && f.whole == 0 {
		list = append(list, templates.Notice{Tone: "warn", Title: remark})
	}
	return list
}

// wholeIn counts the whole numbers of a text that is several of them and nothing else.
func wholeIn(text string) int {
	pieces := ident.Split(text)
	if len(pieces) < 2 || slices.ContainsFunc(pieces, func(p string) bool { return !ident.Read(p).Whole() }) {
		return 0
	}
	return len(pieces)
}

// deviceGroups parts the hits by the number that matched.
func (k clock) deviceGroups(f finding) (groups []templates.HitGroup) {
	for _, kind := range hitGroups {
		g := templates.HitGroup{ID: string(kind.kind), Title: kind.title, More: f.cut[string(kind.kind)]}
		for _, h := range f.devices {
			if h.Kind == kind.kind {
				g.Hits = append(g.Hits, k.deviceHit(h, kind))
			}
		}
		if len(g.Hits) > 0 {
			groups = append(groups, g)
		}
	}
	return groups
}

// deviceHit marks the part of the number that matched.
func (k clock) deviceHit(h mirror.Hit, group hitGroup) templates.Hit {
	row := templates.Hit{
		ID: h.Device.ID, Href: hitHref(h), Icon: group.icon, Before: h.Value[:h.From], Match: h.Value[h.From:h.To], After: h.Value[h.To:], Mono: true,
		Renew: ui.Renew{Anchor: anchorOf(h.Device.ID, string(h.Kind)), Href: renewHref(h.Device.ID), Of: h.Device.ID, In: string(h.Kind)},
		Kind:  group.word, Tags: h.Device.Labels[:min(3, len(h.Device.Labels))],
	}
	if h.Kind != mirror.KindDevice {
		row.On = h.Device.ID
	}
	if !h.Device.Gone.IsZero() {
		row.Badges = append(row.Badges, goneBadge())
	}
	if o, ok := h.Device.Current(); ok {
		row.Note, row.Ends = o.PackageName, k.upstream(o.Expire)
		row.Badges = append(row.Badges, statusBadge(o.Status))
		return row
	}
	row.Badges = append(row.Badges, stageBadge(h.Device.Lifecycle))
	return row
}

func goneBadge() ui.Badge {
	return ui.Badge{Icon: "ban", Word: "Gone from the CMP", Tone: "bad"}
}

// toldGroups are what the CMP itself told.
func toldGroups(k clock, t told, part string) (groups []templates.HitGroup) {
	devices := templates.HitGroup{ID: "told-devices", Title: "Devices, by their orders at the CMP"}
	for _, d := range t.devices {
		h := marked(d.id, part)
		h.ID, h.Href, h.Icon, h.Mono, h.Note = d.id, deviceHref(d.id), "cpu", true, d.order.PackageName
		if d.order.ID != "" {
			h.Badges, h.Ends = []ui.Badge{statusBadge(d.order.Status)}, k.upstream(d.order.Expire)
		}
		devices.Hits = append(devices.Hits, h)
	}
	orders := templates.HitGroup{ID: "told-orders", Title: "Orders at the CMP"}
	for _, o := range t.orders {
		orders.Hits = append(orders.Hits, templates.Hit{ID: o.ID, Href: orderHref(o.ID), Icon: "shopping-cart", Before: o.ID, Mono: true, On: o.DeviceID, Note: o.PackageName, Badges: []ui.Badge{statusBadge(o.Status)}})
	}
	for _, g := range []templates.HitGroup{devices, orders} {
		if len(g.Hits) > 0 {
			groups = append(groups, g)
		}
	}
	return groups
}

// ownGroups are packages, labels, notes and messages.
func ownGroups(f finding) (groups []templates.HitGroup) {
	group := func(id, title string) templates.HitGroup {
		return templates.HitGroup{ID: id, Title: title, More: f.cut[id]}
	}
	packages, labels, notes, messages := group("packages", "Packages"), group("labels", "Labels"), group("notes", "Notes"), group("messages", "SMS")
	for _, p := range f.packages {
		packages.Hits = append(packages.Hits, packageHit(p, f.read.Text))
	}
	for _, l := range f.labels {
		h := marked(l.Name, f.read.Text)
		h.ID, h.Href, h.Icon, h.Note = l.Name, labelHref(l.Name), "tag", plural(l.Devices, "device")
		labels.Hits = append(labels.Hits, h)
	}
	for _, n := range f.notes {
		h := marked(excerpt(n.Text, f.read.Text), f.read.Text)
		h.ID, h.Href, h.Icon, h.On, h.Note = n.DeviceID, deviceHref(n.DeviceID), "scroll-text", n.DeviceID, "by "+n.Author
		notes.Hits = append(notes.Hits, h)
	}
	for _, m := range f.messages {
		h := marked(m.MsgID, f.read.Part())
		h.ID, h.Href, h.Icon, h.Mono, h.On, h.Badges = m.MsgID, smsHref(m.MsgID), "message-square", true, m.DeviceID, []ui.Badge{sentBadge(m)}
		messages.Hits = append(messages.Hits, h)
	}
	for _, g := range []templates.HitGroup{packages, labels, notes, messages} {
		if len(g.Hits) > 0 {
			groups = append(groups, g)
		}
	}
	return groups
}

// packageHit marks what was typed in the name of a package, or else in its code.
func packageHit(p packageFound, typed string) templates.Hit {
	h := marked(p.name, typed)
	h.ID, h.Href, h.Icon, h.Code = p.code, packageHref(p.code), "package", templates.Mark{Before: p.code}
	if code := marked(p.code, typed); code.Match != "" && len(code.Match) >= len(h.Match) {
		h.Code = templates.Mark{Before: code.Before, Match: code.Match, After: code.After}
	}
	if p.devices > 0 {
		h.MoreHref, h.More = withQuery("/devices", "package", p.code), plural(p.devices, "device")
	}
	return h
}

// asOf is the age of the figures that are shown: of the oldest. How many devices have a package rests on all of them.
func (k clock) asOf(f finding, total mirror.Totals) ui.Moment {
	var oldest time.Time
	for _, h := range f.devices {
		if oldest.IsZero() || h.Device.Read.Before(oldest) {
			oldest = h.Device.Read
		}
	}
	if slices.ContainsFunc(f.packages, func(p packageFound) bool { return p.devices > 0 }) {
		oldest = total.Oldest
	}
	if oldest.IsZero() {
		return ui.Moment{}
	}
	return k.at(oldest)
}

// tellMore leads to all devices. They are not counted: that can take a hundred times as long as to find the first.
func tellMore(f finding, v *templates.Search) {
	v.More = "More devices have it than are shown here. Type more of it."
	if part := f.read.Part(); part != "" {
		v.More = "More devices have it than are shown here. Type more of it, or see"
		v.MoreHref, v.MoreLink = withQuery("/devices", "q", part), "all of them in the devices list"
	}
}

// summary is what a reader hears: how much of what was found.
func summary(groups []templates.HitGroup, more bool) string {
	n := 0
	for _, g := range groups {
		n += len(g.Hits)
	}
	switch {
	case n == 0:
		return "Nothing found"
	case more:
		return "More than " + number(n) + " found"
	case n == 1:
		return "1 found"
	}
	return number(n) + " found"
}

// fleetState says that the copy of the fleet cannot answer, when it cannot.
func (s *Server) fleetState(f finding, total mirror.Totals, err error) *templates.Notice {
	if f.broken {
		return &templates.Notice{Tone: "warn", Title: "Not everything could be looked up.", Text: "The copy of the fleet on this machine could not be read. Device ids and order codes are asked for at the CMP."}
	}
	if err == nil && total.Devices > 0 && f.partial {
		return s.partialNotice()
	}
	if err != nil || total.Devices > 0 {
		return nil
	}
	return &templates.Notice{Tone: "warn", Title: "The copy of the fleet is empty.", Text: "Until it is filled, devices are found by their id at the CMP only.", Href: "/sync", Link: "See how far it is"}
}
