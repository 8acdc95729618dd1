package ident

import (
	"regexp"
	"strings"
)

var (
	orderForm    = regexp.MustCompile(`^ORDER_?([0-9]{10,24})$`)
	oldOrderForm = regexp.MustCompile(`^L[0-9]{18}$`)       // L, the day, ten digits
	longOrder    = regexp.MustCompile(`^20[0-9]{19}$`)      // the second, seven digits
	messageForm  = regexp.MustCompile(`^LK[0-9A-Z]{6,30}$`) // as this console makes them: LK, the second, six digits
	packageForm  = regexp.MustCompile(`^[A-Z]{2}[0-9]{14}$`)
)

// sensesOf lists all that a text can be, the likeliest first.
func sensesOf(text string) []Sense {
	c := ungrouped(compact(text))
	number, plus := strings.CutPrefix(c, "+")
	var senses []Sense
	add := func(list ...Sense) { senses = append(senses, list...) }
	switch {
	case plus && isDigits(number):
		add(phone(number)...)
	case isDigits(c):
		add(digitSenses(c)...)
	case isAlnum(strings.ReplaceAll(c, "_", "")):
		add(codeSenses(strings.ToUpper(c))...)
		add(padded(c)...)
		add(deviceWith(c)...)
	}
	if isAlnum(number) && len(number) >= MinPart && len(number) <= 32 && (hasDigit(number) || !strings.Contains(strings.TrimSpace(text), " ")) {
		add(partOf(number))
	}
	if hasLetter(text) {
		add(wordsOf(text))
	}
	return senses
}

// ungrouped takes out the low lines of a number that is written in groups with them. With letters they are part of a code or a name.
func ungrouped(c string) string {
	if digits := strings.ReplaceAll(c, "_", ""); isDigits(digits) {
		return digits
	}
	return c
}

// partOf reads what may stand in a number. Without a digit it is rather a word, which may stand in a code all the same.
func partOf(text string) Sense {
	if !hasDigit(text) {
		return Sense{Kind: Part, Key: text, Word: "text"}
	}
	return Sense{Kind: Part, Key: text, Word: "part of a number"}
}

func wordsOf(text string) Sense {
	return Sense{Kind: Words, Key: strings.Join(strings.Fields(text), " "), Word: "text"}
}

// digitSenses are those of digits alone, by their number and by how they begin.
func digitSenses(c string) []Sense {
	switch n := len(c); {
	case n > 32:
		return nil
	case longOrder.MatchString(c):
		return append([]Sense{{Kind: Order, Key: c, Word: "order code"}}, device(c)...)
	case n >= 18:
		return device(c)
	case n == 15:
		return append(fifteen(c), append(phone(c), device(c)...)...)
	case n == 14 && isIMEI(c):
		return append([]Sense{{Kind: IMEI, Key: checked(c), Word: "IMEI without its check digit"}}, append(phone(c), device(c)...)...)
	case n == 16 && isIMEI(c):
		return append([]Sense{{Kind: IMEI, Key: checked(c[:14]), Word: "IMEI with its software version"}}, device(c)...)
	}
	return append(phone(c), device(c)...)
}

// fifteen tells an IMSI from an IMEI as far as fifteen digits allow: both may be.
func fifteen(c string) []Sense {
	imsi := Sense{Kind: IMSI, Key: c, Word: "IMSI"}
	imei := Sense{Kind: IMEI, Key: c, Word: "IMEI"}
	switch network, fits := isNetwork(c), luhnFits(c); {
	case network && fits && isIMEI(c):
		return []Sense{imei, imsi}
	case network && fits:
		return []Sense{imsi, imei}
	case network && !strings.HasPrefix(c, "35"): // most hardware begins with 35, and few networks
		return []Sense{imsi}
	case network:
		return []Sense{imsi, wrongDigit(imei)}
	case fits:
		return []Sense{imei}
	}
	return []Sense{wrongDigit(imei)}
}

func wrongDigit(s Sense) Sense {
	s.Remark = "The check digit does not fit: one of the digits may be mistyped."
	return s
}

// isNetwork tells whether digits begin with a mobile country code (ITU-T E.212): 2 to 7 are the world's regions, 001
// is for tests and 9xx for networks of no country.
func isNetwork(c string) bool {
	return c[0] >= '2' && c[0] <= '7' || strings.HasPrefix(c, "001") || strings.HasPrefix(c, "901") || strings.HasPrefix(c, "99")
}

// isIMEI tells whether digits begin like the type code of a device in use (GSMA TS.06, reporting bodies).
func isIMEI(c string) bool {
	switch c[:2] {
	case "01", "10", "30", "33", "35", "44", "45", "49", "50", "51", "52", "53", "54", "86", "91", "98", "99":
		return true
	}
	return false
}

// phone reads an E.164 number: up to 15 digits with the country code, which begins with no zero.
func phone(c string) []Sense {
	if c = strings.TrimPrefix(c, "00"); len(c) < 7 || len(c) > 15 || c[0] == '0' {
		return nil
	}
	return []Sense{{Kind: MSISDN, Key: c, Word: "MSISDN"}}
}

// device reads a device id of digits. That of a card begins with 89 and mostly ends with a check digit.
func device(c string) []Sense {
	if len(c) < 10 || len(c) > 32 {
		return nil
	}
	s := Sense{Kind: Device, Key: c, Word: "device id"}
	if strings.HasPrefix(c, "89") && len(c) >= 18 && len(c) <= 22 {
		s.Word = "ICCID"
		if (len(c) == 19 || len(c) == 20) && !luhnFits(c) {
			s = wrongDigit(s)
		}
	}
	return []Sense{s}
}

// padded reads an ICCID that was read out of a card, where an F fills the last half byte, or two of them the last byte.
func padded(c string) []Sense {
	digits := strings.TrimRight(c, "Ff")
	if pads := len(c) - len(digits); pads > 2 || len(digits) < 18 || len(digits) > 20 || !isDigits(digits) || !strings.HasPrefix(digits, "89") {
		return nil
	}
	return device(digits)
}

// deviceWith reads a device id with letters: it is opaque, and must hold a digit to be told from a word.
func deviceWith(c string) []Sense {
	if len(c) < 10 || len(c) > 32 || !isAlnum(c) || !hasDigit(c) {
		return nil
	}
	return []Sense{{Kind: Device, Key: c, Word: "device id"}}
}

// codeSenses are those of letters and digits in the forms that the API document shows.
func codeSenses(c string) []Sense {
	switch m := orderForm.FindStringSubmatch(c); {
	case m != nil:
		return []Sense{{Kind: Order, Key: "ORDER_" + m[1], Word: "order code"}}
	case oldOrderForm.MatchString(c):
		return []Sense{{Kind: Order, Key: c, Word: "order code"}}
	case messageForm.MatchString(c) && hasDigit(c):
		return []Sense{{Kind: Message, Key: c, Word: "message id"}}
	case packageForm.MatchString(c):
		return []Sense{{Kind: Package, Key: c, Word: "package code"}}
	}
	return nil
}
