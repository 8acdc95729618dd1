package auth

import (
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"cmpconsole/internal/fault"
)

const (
	minPassword = 15  // characters; a password is the only factor (SP 800-63B-4)
	maxPassword = 256 // bytes
)

var validName = regexp.MustCompile(`^[a-z][a-z0-9._-]{1,31}$`)

//go:embed common_passwords.txt
var commonPasswords string

// foldName returns the name as it is stored and looked up.
func foldName(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

func checkName(name string) error {
	if !validName.MatchString(name) {
		return fault.New(fault.Invalid, "A user name has 2 to 32 letters, digits, dots, dashes or underscores and starts with a letter. Choose another one.")
	}
	if isReserved(name) {
		return fault.New(fault.Invalid, "The audit log calls the console itself and its shell by this name. Choose another one.")
	}
	return nil
}

// isReserved tells the names that stand in the audit log for nobody in particular.
func isReserved(name string) bool { return name == "console" || name == "cmp" || name == "shell" }

// checkPassword refuses what is guessed first. It asks for no mixture of characters: length is what counts.
func checkPassword(name, password string) error {
	switch n := utf8.RuneCountInString(password); {
	case n < minPassword:
		return fault.New(fault.Invalid, fmt.Sprintf("The password has %d characters; use at least %d, for example four words that do not belong together.", n, minPassword))
	case len(password) > maxPassword:
		return fault.New(fault.Invalid, fmt.Sprintf("The password has %d bytes; use at most %d.", len(password), maxPassword))
	case len(name) >= 4 && strings.Contains(strings.ToLower(password), name):
		return fault.New(fault.Invalid, "The password contains the user name. Choose one without it.")
	case onlyContext(name, password):
		return fault.New(fault.Invalid, "The password is made of the product's name or the user's and little else. Add words that have nothing to do with them.")
	case repeated(password):
		return fault.New(fault.Invalid, "The password is one piece repeated. Use words that differ.")
	case common(password):
		return fault.New(fault.Invalid, "This password is among the first that are guessed. Choose another one.")
	}
	return nil
}

// onlyContext tells whether no letter is left once the names that everybody here knows are taken out.
func onlyContext(name, password string) bool {
	folded := strings.ToLower(password)
	rest := strings.NewReplacer(name, "", "console", "", "cmp", "").Replace(folded)
	return rest != folded && !strings.ContainsFunc(rest, unicode.IsLetter)
}

// repeated tells whether the text is a shorter one several times over: only such a text occurs in its own double elsewhere than at the ends.
func repeated(s string) bool {
	double := s + s
	return strings.Contains(double[1:len(double)-1], s)
}

// common compares letters and digits only, so that a dash or a capital does not make a known password new.
func common(password string) bool {
	bare := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, password)
	return slices.Contains(strings.Fields(commonPasswords), bare)
}
