package views

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"cmpconsole/internal/cmp"
	"cmpconsole/internal/mirror"
	"cmpconsole/web/templates"
	"cmpconsole/web/templates/ui"
)

const mirrorAdvice = "Look at the disk of the data directory; if it stays so, stop the console, delete mirror.db and start it again: the copy is then filled anew."

// syncView tells how the copy is kept, as of now.
func (k clock) syncView(st mirror.Status, t mirror.Totals) templates.Sync {
	view := templates.Sync{State: syncState(st), Since: k.syncSince(st), Fleet: k.fleetFacts(st, t), StartLabel: "Read the fleet now", Notices: k.syncNotices(st)}
	if st.Run != nil {
		view.Reading, view.StartLabel = k.syncReading(st), "Go on"
	}
	view.CanStop, view.CanStart = !st.Wish.Stopped, st.Wish.Stopped || st.Run == nil
	view.CanAccept = st.Run == nil && len(st.Past) > 0 && st.Past[0].Result == mirror.Shrunk
	for _, r := range st.Past {
		view.Runs = append(view.Runs, k.syncRun(r))
	}
	return view
}

func syncState(st mirror.Status) ui.Badge {
	switch {
	case st.Wish.Stopped:
		return ui.Badge{Icon: "circle-pause", Word: "Stopped", Tone: "warn"}
	case st.Trouble != nil:
		return ui.Badge{Icon: "circle-alert", Word: "Does not get on", Tone: "bad"}
	case st.Run != nil:
		return ui.Badge{Icon: "refresh-cw", Word: "Reading", Tone: "info"}
	}
	return ui.Badge{Icon: "circle-check", Word: "At rest", Tone: "good"}
}

// syncSince tells who stopped it, or when the next run begins.
func (k clock) syncSince(st mirror.Status) string {
	switch {
	case st.Wish.Stopped:
		return "by " + st.Wish.By + ", " + k.at(st.Wish.At).Text
	case st.Run != nil && st.Run.By != "":
		return "asked for by " + st.Run.By + ", " + k.at(st.Run.Started).Text
	case st.Run != nil:
		return "since " + k.at(st.Run.Started).Text
	case st.Due:
		return "about to begin"
	case st.Next.IsZero():
		return "begins by hand only (CMP_SYNC_EVERY is 0)"
	}
	return "next " + k.at(st.Next).Text + ", every " + span(st.Every)
}

// syncReading is what the run under way has come to.
func (k clock) syncReading(st mirror.Status) *templates.SyncReading {
	run := st.Run
	if !run.Asking.IsZero() {
		return &templates.SyncReading{Title: "Asking for devices that the list has not", Step: number(run.Asked) + " of " + number(run.Asks()), Meter: shareOf(run.Asked, run.Asks()),
			Facts: []templates.Fact{{Name: "Missing", Value: number(run.Missing)}, {Name: "Gone", Value: number(run.Gone)}, k.speed(st)}}
	}
	pass := run.Pass
	r := &templates.SyncReading{Title: "Reading the list", Step: "page " + number(pass.Next) + " of " + number(max(st.Pages, pass.Next)), Meter: shareOf(pass.Rows, pass.Total)}
	if pass.Next == 1 {
		r.Step = "page 1"
	}
	if run.Passes > 1 {
		r.Title = "Reading the list again (" + number(run.Passes) + ")"
	}
	left := "not known yet"
	if st.Left > 0 {
		left = span(st.Left)
	}
	r.Facts = []templates.Fact{
		{Name: "Devices read", Value: number(pass.Rows), Note: "of " + number(pass.Total)}, k.speed(st), {Name: "Time left", Value: left, Note: "for this reading"},
		{Name: "So far", Value: number(run.New) + " new, " + number(run.Changed) + " changed"},
	}
	if run.Passes > 1 {
		r.Facts = append(r.Facts, templates.Fact{Name: "Why again", Value: againBecause(run)})
	}
	return r
}

func againBecause(run *mirror.Run) string {
	if run.First && run.Passes == 2 {
		return "what was not known before is looked at twice, so that none is missed"
	}
	return "the list moved while it was read"
}

func (k clock) speed(st mirror.Status) templates.Fact {
	return templates.Fact{Name: "Speed", Value: plural(int(st.Rows+0.5), "device") + " a second", Note: decimal(st.Calls) + " calls a second"}
}

// shareOf is how much of a whole is done. What is not known is nothing yet.
func shareOf(part, whole int) ui.Meter {
	percent := 0
	if whole > 0 {
		percent = min(100, part*100/whole)
	}
	return ui.Meter{Known: true, Percent: percent, Text: strconv.Itoa(percent) + " %"}
}

// fleetFacts tell how much the copy holds and how old it is.
func (k clock) fleetFacts(st mirror.Status, t mirror.Totals) []templates.Fact {
	list := []templates.Fact{{Name: "Devices", Value: number(t.Devices), Href: "/devices"}}
	if t.Gone > 0 {
		list = append(list, templates.Fact{Name: "Gone", Value: number(t.Gone), Note: "the CMP knows them no more", Href: "/devices?gone=yes"})
	}
	if t.Devices > 0 {
		list = append(list, k.confirmed("Oldest", t.Oldest), k.confirmed("Newest", t.Newest))
	}
	if st.Waiting > 0 {
		list = append(list, templates.Fact{Name: "To be read anew", Value: number(st.Waiting), Note: "after a change"})
	}
	return list
}

// confirmed tells when the CMP last confirmed a device, and how long ago that is.
func (k clock) confirmed(name string, t time.Time) templates.Fact {
	at := k.at(t)
	return templates.Fact{Name: name, At: &at, Note: "confirmed " + span(max(0, k.now.Sub(t)).Truncate(time.Second)) + " ago"}
}

// mirrorFact tells in a line how the copy does.
func (k clock) mirrorFact(st mirror.Status, known int) templates.Fact {
	f := templates.Fact{Name: "Fleet mirror", Value: plural(known, "device"), Href: "/sync", Note: "never read whole"}
	if len(st.Past) > 0 {
		f.Note = "read " + k.at(st.Past[0].Ended).Text
	}
	switch {
	case st.Wish.Stopped:
		f.Note = "reading is stopped"
	case st.Trouble != nil:
		f.Note = "does not get on"
	case st.Run != nil:
		f.Note = "being read, " + shareOf(st.Run.Pass.Rows, st.Run.Pass.Total).Text
	case len(st.Past) > 0 && st.Past[0].Result != mirror.Whole:
		f.Note += ", with doubts"
	}
	return f
}

// syncRun is a run that has ended, as a row.
func (k clock) syncRun(r mirror.Run) templates.SyncRun {
	by := r.By
	if by == "" {
		by = "schedule"
	}
	return templates.SyncRun{
		Started: k.at(r.Started), Took: span(r.Ended.Sub(r.Started)), By: by, Result: resultBadges[r.Result], New: number(r.New), Changed: number(r.Changed), Same: number(r.Same),
		Gone: number(r.Gone), Passes: number(r.Passes), Troubles: number(r.Errors),
	}
}

var resultBadges = map[mirror.Result]ui.Badge{
	mirror.Whole:  {Icon: "circle-check", Word: "Complete", Tone: "good"},
	mirror.Odd:    {Icon: "circle-help", Word: "Numbers differ", Tone: "warn"},
	mirror.Moving: {Icon: "circle-alert", Word: "List kept moving", Tone: "warn"},
	mirror.Shrunk: {Icon: "circle-x", Word: "List too short", Tone: "bad"},
}

// syncNotices are what is in the way, in words with what to do: a call that fails now, and what the last run ran into.
func (k clock) syncNotices(st mirror.Status) (list []templates.Notice) {
	if st.Trouble != nil {
		list = append(list, k.troubleNotice(*st.Trouble))
	}
	if st.Wish.Stopped {
		list = append(list, templates.Notice{Tone: "warn", Title: "The copy grows old.", Text: "Reading is stopped until somebody starts it, also after a restart. What was read stays, and is gone on from."})
	}
	if st.Run == nil && len(st.Past) > 0 {
		if n, ok := lastNotice(st.Past[0]); ok {
			list = append(list, n)
		}
	}
	return list
}

func (k clock) troubleNotice(t mirror.Trouble) templates.Notice {
	n := templates.Notice{Tone: "bad", Title: "The local copy could not be written.", Text: mirrorAdvice}
	if e, ok := errors.AsType[*cmp.Error](t.Err); ok {
		n.Title, n.Text = "The CMP could not be read.", e.Why()
		if e.Kind == cmp.Rejected {
			n.Text += " It says: " + said(e)
		}
	}
	tries := "once"
	if t.Tries > 1 {
		tries = number(t.Tries) + " times since " + k.at(t.Since).Text
	}
	n.Text += " Tried " + tries + "; the next try is at " + k.at(t.Next).Text + ". Nothing that was read is lost."
	return n
}

// lastNotice tells what the last run ran into.
func lastNotice(r mirror.Run) (templates.Notice, bool) {
	switch r.Result {
	case mirror.Moving:
		return templates.Notice{Tone: "warn", Title: "The list moved in every reading.", Text: fmt.Sprintf("It was read %d times, and each time devices came, went or changed places, so that some may have been missed until the next run. "+
			"Read it at a quieter hour, or with larger pages (CMP_PAGE_SIZE), which takes less time.", r.Passes)}, true
	case mirror.Odd:
		return templates.Notice{Tone: "warn", Title: "The CMP's numbers differ.", Text: "It announces " + plural(r.Pass.Total, "device") + " and lists " + number(r.Pass.Rows) +
			", twice alike. The copy has what it lists. Ask its operator which is right."}, true
	case mirror.Shrunk:
		return templates.Notice{Tone: "bad", Title: "Too much is missing from the list, so nothing was marked gone.", Text: "The CMP listed " + plural(r.Pass.Rows, "device") + ", and " + number(r.Missing) +
			" more are known here. Ask its operator whether it is being repaired, or whether our rights have changed. If the list is right, an administrator or account manager may say so here."}, true
	case mirror.Whole:
	}
	return templates.Notice{}, false
}
