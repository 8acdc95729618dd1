package templates

// noticeIcon is the picture that goes with the colour of a notice, so that colour never speaks alone.
func noticeIcon(tone string) string {
	switch tone {
	case "good":
		return "circle-check"
	case "warn":
		return "triangle-alert"
	case "bad":
		return "circle-x"
	}
	return "info"
}

// checkIcon and checkWord tell how a check came out.
func checkIcon(state string) string {
	switch state {
	case "yes":
		return "circle-check"
	case "no":
		return "circle-x"
	}
	return "circle-alert"
}

func checkWord(state string) string {
	switch state {
	case "yes":
		return "Fine:"
	case "no":
		return "Not fine:"
	}
	return "Mind:"
}

// toneOf gives the middle of a scale a name that the styles know.
func toneOf(tone string) string {
	if tone == "" {
		return "calm"
	}
	return tone
}

// resultIcon is the sign of an action's result: that of its badge, unless reads have settled a doubt since.
func resultIcon(r ActionResult) string {
	if r.Badge.Icon != "" && r.Settled == "" {
		return r.Badge.Icon
	}
	return noticeIcon(r.Tone)
}

// fleetTotalWord says what the count of a list of devices counts: they are those of the copy.
func fleetTotalWord(filtered bool) string {
	if filtered {
		return "that fit"
	}
	return "known"
}

// countWord is what a count counts, one of it or several.
func countWord(n int, one, several string) string {
	if n == 1 {
		return one
	}
	return several
}

// orderTotalWord says what the count of a list counts.
func orderTotalWord(filtered bool) string {
	if filtered {
		return "that fit"
	}
	return "in the CMP"
}

// verdictIcon is the sign of a row of the log: that of its outcome, unless reads have settled a doubt since.
func verdictIcon(d AuditDetail) string {
	if d.Outcome.Icon != "" && d.Settled == "" {
		return d.Outcome.Icon
	}
	return noticeIcon(d.Tone)
}
