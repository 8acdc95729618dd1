package notebook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"cmpconsole/internal/fault"
	"cmpconsole/internal/store"
)

// The bounds of labels: characters of a name, and labels on one device.
const (
	MaxLabel  = 40
	maxLabels = 50
)

// atOnce is how many devices' labels one statement reads.
const atOnce = 500

// Labelling is what becomes of the labels of one device.
type Labelling struct {
	DeviceID       string
	Added, Removed []string
	Before, After  []string
}

// LabelCount is a label and how many devices have it.
type LabelCount struct {
	Name    string
	Devices int
}

// Labelled returns the ids of devices that have labels, behind an id, in their order, so many at most.
func (b *Book) Labelled(ctx context.Context, after string, most int) ([]string, error) {
	return readTexts(ctx, b.db.Read(), `SELECT DISTINCT device_id FROM device_label WHERE device_id > ? ORDER BY device_id LIMIT ?`, after, most)
}

// Spelled returns labels as they are spelled: a name that is there in other letters, upper or lower, is the same label. Each stands
// once, and one that there is not stays as it came.
func (b *Book) Spelled(ctx context.Context, names []string) (spelled []string, err error) {
	for _, name := range names {
		found, err := readTexts(ctx, b.db.Read(), `SELECT name FROM label WHERE folded = ?`, fold(name))
		if err != nil {
			return nil, fmt.Errorf("read labels: %w", err)
		}
		if len(found) > 0 {
			name = found[0]
		}
		if !slices.Contains(spelled, name) {
			spelled = append(spelled, name)
		}
	}
	return spelled, nil
}

// LabelName makes a name fit for a label. It is trimmed, and a fault says what it cannot be: empty, longer than MaxLabel,
// or with a comma, which parts labels where several are typed.
func LabelName(text string) (string, error) {
	name, err := line("the label", text, MaxLabel)
	if err == nil && strings.Contains(name, ",") {
		err = fault.New(fault.Invalid, "A label cannot have a comma in it.")
	}
	return name, err
}

// labelNames are names made fit for labels.
func labelNames(texts []string) (names []string, err error) {
	names = make([]string, len(texts))
	for i, text := range texts {
		if names[i], err = LabelName(text); err != nil {
			return nil, err
		}
	}
	return names, nil
}

// SetLabels gives labels to devices and takes labels from them, in one transaction with the record of those that change. A name that is
// there in other letters, upper or lower, is the same label.
func (b *Book) SetLabels(ctx context.Context, by string, ids, add, remove []string, record func(*sql.Tx, []Labelling) error) error {
	add, err := labelNames(add)
	if err != nil {
		return err
	}
	err = b.db.Write(ctx, func(tx *sql.Tx) error {
		changed, err := b.relabel(ctx, tx, by, ids, add, remove)
		if err != nil {
			return err
		}
		return record(tx, changed)
	})
	if err != nil {
		return fmt.Errorf("label devices: %w", err)
	}
	return nil
}

func (b *Book) relabel(ctx context.Context, tx *sql.Tx, by string, ids, add, remove []string) (changed []Labelling, err error) {
	wanted, err := labelIDs(ctx, tx, add, true)
	if err != nil {
		return nil, err
	}
	unwanted, err := labelIDs(ctx, tx, remove, false)
	if err != nil {
		return nil, err
	}
	present, err := selectLabels(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		l := labelling(id, present[id], wanted, unwanted)
		if len(l.Added)+len(l.Removed) == 0 {
			continue
		}
		if len(l.After) > maxLabels {
			return nil, tooMany(id, len(l.After))
		}
		changed = append(changed, l)
	}
	if err := b.put(ctx, tx, by, changed, wanted); err != nil {
		return nil, err
	}
	return changed, take(ctx, tx, changed, unwanted)
}

func tooMany(id string, labels int) error {
	return fault.New(fault.Invalid, fmt.Sprintf("Device %s would have %d labels. One can have %d at most.", id, labels, maxLabels))
}

// kept is a label as it is spelled, and its number.
type kept struct {
	name string
	id   int64
}

// labelling works out what becomes of one device. A label that is both given and taken is given.
func labelling(id string, before []string, wanted, unwanted []kept) Labelling {
	l := Labelling{DeviceID: id, Before: before, After: slices.Clone(before)}
	for _, w := range unwanted {
		if i := slices.Index(l.After, w.name); i >= 0 && !slices.Contains(wanted, w) {
			l.After, l.Removed = slices.Delete(l.After, i, i+1), append(l.Removed, w.name)
		}
	}
	for _, w := range wanted {
		if !slices.Contains(l.After, w.name) {
			l.After, l.Added = append(l.After, w.name), append(l.Added, w.name)
		}
	}
	slices.SortFunc(l.After, func(a, b string) int { return strings.Compare(fold(a), fold(b)) })
	return l
}

// put writes the labels that devices got: a statement for each label, however many devices.
func (b *Book) put(ctx context.Context, tx *sql.Tx, by string, changed []Labelling, wanted []kept) error {
	for _, w := range wanted {
		ids := whose(changed, w.name, func(l Labelling) []string { return l.Added })
		if _, err := tx.ExecContext(ctx, `INSERT INTO device_label (device_id, label_id, author, at) SELECT value, ?, ?, ? FROM json_each(?)`, w.id, by, b.now().UnixMicro(), ids); err != nil {
			return err
		}
	}
	return nil
}

// take removes the labels that devices lost, and those that no device has any more.
func take(ctx context.Context, tx *sql.Tx, changed []Labelling, unwanted []kept) error {
	for _, w := range unwanted {
		ids := whose(changed, w.name, func(l Labelling) []string { return l.Removed })
		if _, err := tx.ExecContext(ctx, `DELETE FROM device_label WHERE label_id = ? AND device_id IN (SELECT value FROM json_each(?))`, w.id, ids); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, `DELETE FROM label WHERE NOT EXISTS (SELECT 1 FROM device_label AS d WHERE d.label_id = label.id)`)
	return err
}

// whose are the ids of the devices that have a name in a list, as JSON.
func whose(changed []Labelling, name string, list func(Labelling) []string) string {
	var ids []string
	for _, l := range changed {
		if slices.Contains(list(l), name) {
			ids = append(ids, l.DeviceID)
		}
	}
	return jsonOf(ids)
}

// labelIDs finds labels by their names, each once, and makes those that are not there when asked to.
func labelIDs(ctx context.Context, tx *sql.Tx, names []string, create bool) (list []kept, err error) {
	for _, name := range names {
		if create {
			if _, err := tx.ExecContext(ctx, `INSERT INTO label (name, folded) VALUES (?, ?) ON CONFLICT DO NOTHING`, name, fold(name)); err != nil {
				return nil, err
			}
		}
		var k kept
		err := tx.QueryRowContext(ctx, `SELECT name, id FROM label WHERE folded = ?`, fold(name)).Scan(&k.name, &k.id)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if !slices.Contains(list, k) {
			list = append(list, k)
		}
	}
	return list, nil
}

// Labels returns the labels of devices by their names. A device without any is not in it.
func (b *Book) Labels(ctx context.Context, ids []string) (map[string][]string, error) {
	all := map[string][]string{}
	for part := range slices.Chunk(ids, atOnce) {
		some, err := selectLabels(ctx, b.db.Lookup(), part)
		if err != nil {
			return nil, fmt.Errorf("read labels: %w", err)
		}
		for id, names := range some {
			all[id] = names
		}
	}
	return all, nil
}

func selectLabels(ctx context.Context, q store.Querier, ids []string) (map[string][]string, error) {
	rows, err := q.QueryContext(ctx, `SELECT d.device_id, l.name FROM device_label AS d JOIN label AS l ON l.id = d.label_id
		WHERE d.device_id IN (`+marks(len(ids))+`) ORDER BY d.device_id, l.folded`, values(ids)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	labels := map[string][]string{}
	for rows.Next() {
		var id, name string
		if err := rows.Scan(&id, &name); err != nil {
			return nil, err
		}
		labels[id] = append(labels[id], name)
	}
	return labels, rows.Err()
}

// LabelNames returns the names of labels in their order, so many at most.
func (b *Book) LabelNames(ctx context.Context, limit int) ([]string, error) {
	return readTexts(ctx, b.db.Read(), `SELECT name FROM label ORDER BY folded LIMIT ?`, limit)
}

// LabelCounts returns all labels by name with the number of devices that have them.
func (b *Book) LabelCounts(ctx context.Context) ([]LabelCount, error) {
	return b.countLabels(ctx, `SELECT l.name, count(*) FROM label AS l JOIN device_label AS d ON d.label_id = l.id GROUP BY l.id ORDER BY l.folded`)
}

func (b *Book) countLabels(ctx context.Context, query string, args ...any) ([]LabelCount, error) {
	rows, err := b.db.Read().QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("count labels: %w", err)
	}
	defer rows.Close()
	var list []LabelCount
	for rows.Next() {
		var c LabelCount
		if err := rows.Scan(&c.Name, &c.Devices); err != nil {
			return nil, fmt.Errorf("count labels: %w", err)
		}
		list = append(list, c)
	}
	return list, rows.Err()
}

// LabelsWith returns the first labels by name that have a text in it, in upper or lower case; spaces and dashes do not matter.
func (b *Book) LabelsWith(ctx context.Context, text string, limit int) ([]LabelCount, error) {
	return b.countLabels(ctx, `SELECT name, (SELECT count(*) FROM device_label AS d WHERE d.label_id = label.id) FROM label
		WHERE instr(folded, ?1) > 0 OR instr(replace(replace(folded, ' ', ''), '-', ''), replace(replace(?1, ' ', ''), '-', '')) > 0 ORDER BY folded LIMIT ?2`, fold(text), limit)
}
