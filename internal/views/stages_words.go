package views

import (
	"fmt"
	"strings"

	"cmpconsole/internal/cmp"
	"cmpconsole/web/templates"
)

// stages words the steps of a device as a line.
func (k clock) stages(d cmp.Device) []templates.Stage {
	var list []templates.Stage
	for _, s := range steps(d) {
		stage := templates.Stage{Name: stageWords[s.stage].word, State: string(s.place)}
		switch s.place {
		case past:
			stage.Tag, stage.Lines = "inferred", []string{"passed"}
			if !s.ends.IsZero() {
				stage.Lines = []string{"until " + k.upstream(s.ends).Text}
			}
		case now:
			stage.Lines = k.stageLines(s)
		default:
			stage.Lines = k.aheadLines(s)
			if !s.begins.IsZero() {
				stage.Tag = "expected"
			}
		}
		list = append(list, stage)
	}
	return list
}

func (k clock) stageLines(s step) []string {
	var lines []string
	if !s.begins.IsZero() {
		lines = append(lines, "since "+k.upstream(s.begins).Text)
	}
	if !s.ends.IsZero() {
		lines = append(lines, "until "+k.on(s.ends, s.reckoned))
	}
	if days := k.days(s.ends); days != "" {
		lines = append(lines, days)
	}
	return lines
}

func (k clock) aheadLines(s step) []string {
	var lines []string
	if !s.begins.IsZero() {
		lines = append(lines, "after "+k.on(s.begins, s.guessed))
	}
	if s.months > 0 {
		lines = append(lines, "for "+plural(s.months, "month"))
	}
	return lines
}

// on is a day; one that follows from lengths is told as such.
func (k clock) on(t cmp.Time, reckoned bool) string {
	if reckoned {
		return "about " + k.upstream(t).Text
	}
	return k.upstream(t).Text
}

// nextStage says in a sentence or two what comes after the stage that a device is in, and when, as far as that can be told.
func (k clock) nextStage(d cmp.Device) string {
	list := steps(d)
	for i, s := range list {
		if s.place != now {
			continue
		}
		if i == len(list)-1 {
			return "This is the last stage: nothing comes after it."
		}
		return strings.TrimSpace(k.whenOver(s, inSentence(list[i+1])) + " " + k.whatFollows(list[i+1:]))
	}
	return k.strangeStage(d)
}

// whenOver says until when the stage lasts.
func (k clock) whenOver(s step, next string) string {
	if s.ends.IsZero() {
		return fmt.Sprintf("The CMP gives no end for this stage, so it cannot be told when %s begins.", next)
	}
	if day(s.ends.At).Before(day(k.now.In(cmp.Zone))) && !s.ends.At.IsZero() {
		return fmt.Sprintf("This stage was over after %s (%s), and the CMP has not moved the device on to %s yet.", k.on(s.ends, s.reckoned), k.days(s.ends), next)
	}
	unless := ""
	if s.stage == cmp.LifecycleSilent {
		unless = " unless first used"
	}
	when := ""
	if days := k.days(s.ends); days != "" {
		when = " (" + days + ")"
	}
	return fmt.Sprintf("%s until %s%s%s, then %s.", stageWords[s.stage].word, k.on(s.ends, s.reckoned), when, unless, next)
}

// whatFollows tells of the stages after the next change: how long the next lasts, and of suspended service what it ends in.
func (k clock) whatFollows(list []step) string {
	switch s := list[0]; {
	case s.stage == cmp.LifecycleSilent && s.months > 0:
		return fmt.Sprintf("It lasts up to %s.", plural(s.months, "month"))
	case s.stage == cmp.LifecycleSuspended && s.months > 0 && !s.ends.IsZero():
		return fmt.Sprintf("Suspended service lasts %s, and disposal begins after %s.", plural(s.months, "month"), k.on(s.ends, s.reckoned))
	case s.stage == cmp.LifecycleSuspended && s.months > 0:
		return fmt.Sprintf("Suspended service lasts %s, then comes disposal.", plural(s.months, "month"))
	}
	return ""
}

// inSentence names a stage ahead as it stands in a sentence.
func inSentence(s step) string {
	name := strings.ToLower(stageWords[s.stage].word)
	if s.stage == cmp.LifecycleSilent || s.stage == cmp.LifecycleUsage {
		return "the " + name + " period"
	}
	return name
}

// strangeStage tells all that is known of a stage outside the line.
func (k clock) strangeStage(d cmp.Device) string {
	text := "The CMP does not tell the stage of this device."
	if d.Lifecycle != "" {
		text = fmt.Sprintf("The CMP says stage %s, which its document does not name.", d.Lifecycle)
	}
	text += " What came before and what comes next cannot be told."
	if lines := k.stageLines(step{begins: d.LifecycleStart, ends: d.LifecycleEnd}); len(lines) > 0 {
		text += " Its dates: " + strings.Join(lines, ", ") + "."
	}
	return text
}

func stageFacts(d cmp.Device) []templates.Fact {
	var facts []templates.Fact
	for _, f := range []struct {
		stage        cmp.Lifecycle
		name, months string
	}{{cmp.LifecycleSilent, "Silent period", d.SilentMonths}, {cmp.LifecycleSuspended, "Suspended service", d.ShutdownMonths}} {
		switch n := stageMonths(d, f.stage); {
		case n > 0:
			facts = append(facts, templates.Fact{Name: f.name, Value: plural(n, "month")})
		case f.months != "":
			facts = append(facts, templates.Fact{Name: f.name, Value: f.months + " (as the CMP wrote it)"})
		}
	}
	return facts
}
