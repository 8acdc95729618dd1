// Package notebook keeps what we ourselves know about devices and how we look at them: labels, notes, saved views and
// the choice of columns. It stands in console.db, because nobody could build it anew; the CMP knows nothing of it.
package notebook

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"cmpconsole/internal/fault"
	"cmpconsole/internal/store"
)

// Book is the notebook of one database. Its changes take a function that records them in the same transaction: either
// both stay or neither does.
type Book struct {
	db  *store.DB
	now func() time.Time
}

// New returns the notebook of the database.
func New(db *store.DB, now func() time.Time) *Book { return &Book{db: db, now: now} }

// Editor is who changes something. Chief may change what others have written for all to see.
type Editor struct {
	Name  string
	Chief bool
}

// line makes a name fit to be kept: trimmed, with single spaces, of so many characters at most. What names the thing in
// the message.
func line(what, text string, most int) (string, error) {
	text = strings.Join(strings.Fields(text), " ")
	switch n := utf8.RuneCountInString(text); {
	case n == 0:
		return "", fault.New(fault.Invalid, "Write "+what+".")
	case n > most:
		return "", fault.New(fault.Invalid, fmt.Sprintf("Shorten %s to %d characters; it has %d.", what, most, n))
	case strings.ContainsFunc(text, unseen):
		return "", fault.New(fault.Invalid, "There is a character in "+what+" that cannot be seen. Type it anew.")
	}
	return text, nil
}

// unseen are controls and formats, but for the two joiners that Persian, Hindi and emoji are written with.
func unseen(r rune) bool {
	return r != '\u200c' && r != '\u200d' && (r == utf8.RuneError || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp))
}

func fold(text string) string { return strings.ToLower(text) }

func moment(micro int64) time.Time { return time.UnixMicro(micro).UTC() }

// marks are n question marks for the values of an IN.
func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?,", n), ",") }

func values(texts []string) []any {
	list := make([]any, len(texts))
	for i, t := range texts {
		list[i] = t
	}
	return list
}

// jsonOf packs texts into one, for json_each.
func jsonOf(texts []string) string {
	text, _ := json.Marshal(append([]string{}, texts...)) // strings always can be
	return string(text)
}

// readTexts reads one column of texts.
func readTexts(ctx context.Context, q store.Querier, query string, args ...any) (list []string, err error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read notebook: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, fmt.Errorf("read notebook: %w", err)
		}
		list = append(list, text)
	}
	return list, rows.Err()
}
