package auth

import (
	"strings"
	"testing"
	"unicode/utf8"

	"cmpconsole/internal/fault"
)

func TestNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"li", "support", "a.b-c_d9", "x" + strings.Repeat("9", 31)} {
		if err := checkName(name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, name := range []string{"", "a", "9lives", "_x", "Anna", "console", "shell", "two words", "änne", "a/b", "anna\n", "x" + strings.Repeat("9", 32)} {
		wantKind(t, checkName(name), fault.Invalid)
	}
}

func TestPasswordsAllowed(t *testing.T) {
	t.Parallel()
	for _, password := range []string{
		goodPassword,
		"demo-console-2026",
		"493827465019283",
		"wörter für alle!", // 16 characters
		"正确的马电池订书钉这是一个很长的密码",
		strings.Repeat("a b c ", 42) + "last",
	} {
		for _, name := range []string{"support", "manager", "auditor", "admin", "li"} {
			if err := checkPassword(name, password); err != nil {
				t.Errorf("%q for %s: %v", password, name, err)
			}
		}
	}
}

func TestPasswordsRefused(t *testing.T) {
	t.Parallel()
	for password, says := range map[string]string{
		"":               "0 characters",
		"fourteen chars": "14 characters",
		"正确的马电池订书钉这是一个":                  "13 characters",
		strings.Repeat("a bc", 64) + "x": "257 bytes",
		"I am Hannelore, hello":          "user name",
		"console-cmp-console":            "product's name",
		"CMP-Console-2026-03!":           "product's name",
		"aaaaaaaaaaaaaaaaaaaa":           "repeated",
		"12345123451234512345":           "repeated",
		"Correct-Horse-Battery-Staple":   "first that are guessed",
		"Password-Password-1":            "first that are guessed",
		"qwertyuiopasdfghjkl":            "first that are guessed",
	} {
		err := checkPassword("hannelore", password)
		wantKind(t, err, fault.Invalid)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v does not say %q", password, err, says)
		}
	}
	wantKind(t, checkPassword("li", "li-li-console-2026"), fault.Invalid)
}

func TestCommonListIsFolded(t *testing.T) {
	t.Parallel()
	for _, p := range strings.Fields(commonPasswords) {
		if p != strings.ToLower(p) || strings.ContainsAny(p, " -_.!") || !utf8.ValidString(p) {
			t.Errorf("%q can never match", p)
		}
	}
}
