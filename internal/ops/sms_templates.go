package ops

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/fault"
	"cmpconsole/internal/store"
)

// Template is a text that is sent often. Its fields, such as {device_id}, are filled for each device.
type Template struct {
	Name, Content, Author string
	Updated               time.Time
}

// The bounds of a template, in characters.
const (
	maxTemplateName = 60
	maxTemplate     = 1000
)

// standIn is counted in place of a device's id while none is known; ids of cards have 19 or 20 characters.
const standIn = "00000000000000000000"

// For is the draft's text as one device gets it.
func (d Draft) For(deviceID string) string {
	if d.Binary {
		return d.Content
	}
	if deviceID == "" {
		deviceID = standIn
	}
	return strings.NewReplacer("{device_id}", deviceID, "{last4}", LastFour(deviceID)).Replace(d.Content)
}

var inBraces = regexp.MustCompile(`\{[\pL\pN_.-]+\}`)

// NoFields are the words in braces that would be sent as they stand, each once.
func (d Draft) NoFields() (words []string) {
	if d.Binary {
		return nil
	}
	for _, word := range inBraces.FindAllString(d.For(""), -1) {
		if !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	return words
}

// Templates returns all templates by name.
func (o *Actions) Templates(ctx context.Context) ([]Template, error) {
	rows, err := o.db.Read().QueryContext(ctx, `SELECT name, content, author, updated_at FROM sms_template ORDER BY name`)
	if err != nil {
		return nil, fmt.Errorf("read templates: %w", err)
	}
	defer rows.Close()
	var list []Template
	for rows.Next() {
		var t Template
		var updated int64
		if err := rows.Scan(&t.Name, &t.Content, &t.Author, &updated); err != nil {
			return nil, fmt.Errorf("read template: %w", err)
		}
		t.Updated = time.UnixMicro(updated).UTC()
		list = append(list, t)
	}
	return list, rows.Err()
}

// templatesOf names the templates that have a text word for word.
func templatesOf(ctx context.Context, q store.Querier, text string) (names []string, err error) {
	rows, err := q.QueryContext(ctx, `SELECT name FROM sms_template WHERE content = ? ORDER BY name`, text)
	if err != nil {
		return nil, fmt.Errorf("read templates: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, fmt.Errorf("read template: %w", err)
		}
		names = append(names, name)
	}
	return names, rows.Err()
}

// SaveTemplate keeps a text under a name, in place of what the name held before; an empty text deletes the name.
// The log keeps the name, not the text.
func (o *Actions) SaveTemplate(ctx context.Context, who Operator, name, content string) error {
	name = strings.TrimSpace(name)
	switch {
	case !who.Can(auth.SMSSend):
		return fault.New(fault.Forbidden, "Your role does not allow keeping templates. It needs "+holders(auth.SMSSend)+".")
	case name == "" || utf8.RuneCountInString(name) > maxTemplateName:
		return fault.New(fault.Invalid, fmt.Sprintf("Give the template a name of up to %d characters.", maxTemplateName))
	case utf8.RuneCountInString(content) > maxTemplate:
		return fault.New(fault.Invalid, fmt.Sprintf("Shorten the text to %d characters.", maxTemplate))
	}
	err := o.db.Write(ctx, func(tx *sql.Tx) error {
		e := who.Entry(audit.SMSTemplate, audit.Event)
		e.Outcome, e.Detail = audit.OK, []audit.Field{{Key: "name", Value: name}, {Key: "deleted", Value: fmt.Sprint(content == "")}}
		if _, err := o.log.AppendTx(ctx, tx, e); err != nil {
			return err
		}
		if content == "" {
			_, err := tx.ExecContext(ctx, `DELETE FROM sms_template WHERE name = ?`, name)
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO sms_template (name, content, author, updated_at) VALUES (?, ?, ?, ?)
			ON CONFLICT (name) DO UPDATE SET content = excluded.content, author = excluded.author, updated_at = excluded.updated_at`, name, content, who.Name, o.now().UnixMicro())
		return err
	})
	if err != nil {
		return fault.Wrap(fault.Unavailable, err, "The template could not be kept, because the database did not take it.")
	}
	return nil
}
