package views

import (
	"strings"

	"cmpconsole/internal/cmp"
	"cmpconsole/internal/webhook"
	"cmpconsole/web/templates"
	"cmpconsole/web/templates/ui"
)

// kindWords name the callbacks.
var kindWords = map[webhook.Kind]struct{ icon, word string }{
	webhook.OrderStatus: {"shopping-cart", "Order status"}, webhook.SMSMT: {"message-square", "SMS report"}, webhook.SMSMO: {"cpu", "SMS from device"},
}

func kindBadge(kind webhook.Kind) ui.Badge {
	w, ok := kindWords[kind]
	if !ok {
		w.icon, w.word = "circle-help", string(kind)
	}
	return ui.Badge{Icon: w.icon, Word: w.word, Plain: true}
}

// operationWords are the operations of an order (API document, "Order status push"); 1000 and 1012 are known from sibling platforms.
var operationWords = map[string]string{
	"1000": "Order created", "1001": "Order ended early", "1002": "Order cancelled", "1003": "Order paused", "1004": "Order restarted", "1005": "Order enabled", "1006": "Operation 1006, which is not documented",
	"1007": "Order enabled by OTA", "1008": "Order expired", "1009": "Order renewed", "1010": "Order's cycles reduced", "1012": "New IMSI downloaded by OTA",
}

func operationWord(code string) string {
	if w, ok := operationWords[code]; ok {
		return w
	}
	if code == "" {
		return "No operation"
	}
	return "Operation " + code
}

// claim is what a callback says, in words. It is not what is so.
func claim(kind webhook.Kind, e webhook.Event) string {
	switch kind {
	case webhook.OrderStatus:
		return operationWord(e.Operation)
	case webhook.SMSMT:
		return joinWords(reportClaim(e), e.ReportMsg)
	}
	if e.To != "" {
		return plural(len([]rune(e.Text)), "character") + " to " + e.To
	}
	return plural(len([]rune(e.Text)), "character")
}

func reportClaim(e webhook.Event) string {
	if e.Report == "" {
		return "No report"
	}
	return reportBadge(cmp.DeliveryReport(e.Report)).Word
}

// ledTo is what a list of callbacks can be narrowed to.
var ledTo = []struct {
	value, label string
	state        webhook.State
	effect       webhook.Effect
}{
	{"waiting", "Waiting", webhook.New, ""}, {"failed", "CMP not asked", webhook.Failed, ""}, {"unreadable", "Not readable", webhook.Unreadable, ""},
	{"confirmed", "Change confirmed", "", webhook.Confirmed}, {"changed", "Order changed", "", webhook.Changed}, {"same", "Nothing new", "", webhook.Same}, {"seen", "Order read", "", webhook.Seen}, {"reported", "Report read", "", webhook.Reported},
	{"kept", "SMS in the inbox", "", webhook.Kept}, {"again", "SMS was there", "", webhook.Again}, {"stranger", "Unknown here", "", webhook.Stranger},
}

// effectWords say what a callback that was processed has led to.
var effectWords = map[webhook.Effect]struct{ icon, word, tone, text string }{
	webhook.Confirmed: {"circle-check", "Change confirmed", "good", "The CMP says that it has taken effect"},
	webhook.Changed:   {"refresh-cw", "Order changed", "info", "The CMP says"},
	webhook.Seen:      {"circle-dashed", "Order read", "", "The CMP says how the order is, of which nothing was known here before"},
	webhook.Same:      {"circle-dashed", "Nothing new", "", "The CMP says what was known"},
	webhook.Reported:  {"circle-check", "Report read", "good", "The CMP says"},
	webhook.Kept:      {"message-square", "In the inbox", "info", "Its sender is not verified."},
	webhook.Again:     {"copy", "Was there", "", "The same message is in the inbox."},
	webhook.Stranger:  {"circle-help", "Unknown here", "warn", ""},
}

// led tells what a callback led to, as far as it is.
func (k clock) led(p webhook.Push) templates.PushLed {
	switch p.State {
	case webhook.New:
		return k.ledWaiting(p)
	case webhook.Unreadable:
		return templates.PushLed{Badge: ui.Badge{Icon: "circle-alert", Word: "Not readable", Tone: "bad"}, Text: capital(p.Wrong) + "."}
	case webhook.Failed:
		return templates.PushLed{Badge: ui.Badge{Icon: "circle-x", Word: "CMP not asked", Tone: "bad"}, Text: "It could not be asked for a day, tried " + times(p.Tries) + "."}
	}
	w, ok := effectWords[p.Effect]
	if !ok {
		w.icon, w.word = "check", "Processed"
	}
	l := templates.PushLed{Badge: ui.Badge{Icon: w.icon, Word: w.word, Tone: w.tone}, Text: w.text}
	if text := leftAlone(p); text != "" {
		l.Text = text
	} else if told := toldWord(p); told != "" {
		l.Text += ": " + told + "."
	} else if l.Text != "" && !strings.HasSuffix(l.Text, ".") {
		l.Text += "."
	}
	return l
}

func (k clock) ledWaiting(p webhook.Push) templates.PushLed {
	l := templates.PushLed{Badge: ui.Badge{Icon: "clock", Word: "Waiting", Tone: "info"}, Text: "Is looked at next."}
	until := ""
	if p.Due.After(k.now) {
		until = k.at(p.Due).Text
	}
	switch {
	case p.Tries > 0 && p.Wrong == "":
		l.Text = "The CMP has no report on it yet, asked " + times(p.Tries) + "."
		if until != "" {
			l.Text += " It is asked again at " + until + "."
		}
	case p.Tries > 0 && p.Wrong == webhook.NotAsked:
		l.Text = "The CMP could not be asked about the device, and too many that the copy of the fleet does not have wait for it. Tried " + times(p.Tries) + "."
		if until != "" {
			l.Text += " The next try is at " + until + "."
		}
	case p.Tries > 0:
		l.Badge.Tone, l.Text = "warn", "The CMP could not be asked, tried "+times(p.Tries)+"."
		if until != "" {
			l.Text += " The next try is at " + until + "."
		}
	case until != "":
		l.Text = "Waits until " + until + ", since the CMP was asked a moment ago."
	}
	return l
}

// leftAlone says why a callback led to nothing; empty when it did not, or that is plain.
func leftAlone(p webhook.Push) string {
	switch {
	case p.Effect == webhook.Again && p.Erased > 0:
		return "Its text was erased, so that no message was put into the inbox."
	case p.Effect == webhook.Same && p.Kind == webhook.SMSMT && p.Told == "":
		return "The CMP has no report on it, though this announced one."
	case p.Effect != webhook.Stranger:
		return ""
	case p.Kind == webhook.SMSMT:
		return "It is about no message that this console has sent."
	case p.Holder == "" && p.Device == "":
		return "It names no device, so the CMP was not asked."
	case p.Holder == "" && p.Wrong == webhook.NotAsked:
		return "It names no device that the copy of the fleet has. The CMP was not asked, because too many such came at once; the next reading of the fleet finds the device if there is one."
	case p.Holder == "":
		return "It names a device that neither the copy of the fleet nor the CMP has."
	}
	return "The CMP knows no such order of this device."
}

// toldWord is what the CMP said when it was asked: the status of the order, or the report of the message.
func toldWord(p webhook.Push) string {
	switch {
	case p.Told == "":
		return ""
	case p.Kind == webhook.OrderStatus:
		return statusBadge(cmp.OrderStatus(p.Told)).Word
	}
	return reportBadge(cmp.DeliveryReport(p.Told)).Word
}

var signedWords = map[webhook.Signed]ui.Badge{
	webhook.Verified:   {Icon: "shield-check", Word: "Right", Tone: "good", Plain: true},
	webhook.Unsigned:   {Icon: "triangle-alert", Word: "None", Tone: "warn", Plain: true},
	webhook.NotChecked: {Icon: "circle-dashed", Word: "Not checked", Plain: true},
	webhook.Forged:     {Icon: "circle-x", Word: "Wrong", Tone: "bad"},
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return number(n) + " times"
}

func capital(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
