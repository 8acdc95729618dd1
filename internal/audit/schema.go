package audit

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"cmpconsole/internal/store"
)

// errNoLog says that the file is some database, but none that ever held an audit log.
var errNoLog = errors.New("there is no audit log in this database")

// tables are the columns that the log's tables must have, as their migration, whose number is since, made them.
var tables = []struct {
	name    string
	since   int64
	columns string
}{
	{"audit", 0, "seq INTEGER, body BLOB, prev_hash BLOB, hash BLOB, time INTEGER, actor TEXT, action TEXT, phase TEXT, " +
		"outcome TEXT, device TEXT, order_id TEXT, of INTEGER, request_id TEXT"},
	{"audit_log", 0, "id INTEGER, log_id TEXT, size INTEGER, head BLOB"},
	{"audit_checkpoint", 9, "size INTEGER, note BLOB"},
	{"audit_block", 9, "n INTEGER, hash BLOB"},
	{"audit_secret", 14, "seq INTEGER, field TEXT, salt BLOB, value BLOB"},
}

// triggers are the guards of the tables, word for word: one that is there but never fires guards nothing.
var triggers = []struct{ name, table, sql string }{
	{"audit_next", "audit", `CREATE TRIGGER audit_next BEFORE INSERT ON audit
		WHEN NEW.seq IS NOT 1 + max((SELECT coalesce(max(seq), 0) FROM audit), (SELECT coalesce(max(size), 0) FROM audit_log))
			OR EXISTS (SELECT 1 FROM audit WHERE hash = NEW.hash)
		BEGIN SELECT RAISE(ABORT, 'audit: only the next row can be added'); END`},
	{"audit_end", "audit", `CREATE TRIGGER audit_end AFTER INSERT ON audit
		BEGIN UPDATE audit_log SET size = NEW.seq, head = NEW.hash; END`},
	{"audit_no_update", "audit", `CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
		BEGIN SELECT RAISE(ABORT, 'audit: rows cannot be changed'); END`},
	{"audit_no_delete", "audit", `CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
		BEGIN SELECT RAISE(ABORT, 'audit: rows cannot be deleted'); END`},
	{"audit_log_once", "audit_log", `CREATE TRIGGER audit_log_once BEFORE INSERT ON audit_log
		WHEN EXISTS (SELECT 1 FROM audit_log)
		BEGIN SELECT RAISE(ABORT, 'audit: the log has its id already'); END`},
	{"audit_log_forward", "audit_log", `CREATE TRIGGER audit_log_forward BEFORE UPDATE ON audit_log
		WHEN NEW.id IS NOT OLD.id OR NEW.log_id IS NOT OLD.log_id OR NEW.size <= OLD.size
		BEGIN SELECT RAISE(ABORT, 'audit: the log keeps its id and only grows'); END`},
	{"audit_log_no_delete", "audit_log", `CREATE TRIGGER audit_log_no_delete BEFORE DELETE ON audit_log
		BEGIN SELECT RAISE(ABORT, 'audit: the log keeps its id'); END`},
	{"audit_secret_once", "audit_secret", `CREATE TRIGGER audit_secret_once BEFORE INSERT ON audit_secret
		WHEN NEW.seq IS NOT (SELECT size FROM audit_log) OR EXISTS (SELECT 1 FROM audit_secret WHERE seq = NEW.seq AND field = NEW.field)
		BEGIN SELECT RAISE(ABORT, 'audit: a value is kept with its row only'); END`},
	{"audit_secret_no_update", "audit_secret", `CREATE TRIGGER audit_secret_no_update BEFORE UPDATE ON audit_secret
		BEGIN SELECT RAISE(ABORT, 'audit: values cannot be changed'); END`},
	{"audit_secret_recorded", "audit_secret", `CREATE TRIGGER audit_secret_recorded BEFORE DELETE ON audit_secret
		WHEN NOT EXISTS (SELECT 1 FROM audit WHERE of = OLD.seq AND action = 'audit.redact' AND json_extract(CAST(body AS TEXT), '$.detail.field') = OLD.field)
		BEGIN SELECT RAISE(ABORT, 'audit: values are erased by a row that says so'); END`},
}

// schema is what was found of the log's tables.
type schema struct {
	faults   []Fault
	has      map[string]bool // the tables that are as they should be, and can be read
	expected map[string]bool // those that the database must have at the version that it claims
}

// readable tells whether the rows can be judged.
func (s schema) readable() bool { return s.has["audit"] && s.has["audit_log"] }

// checkSchema compares tables and triggers with what they should be at the database's own version: a copy may be older
// than this program. One that claims to be too old for what its rows say is found by the rows.
func checkSchema(ctx context.Context, q store.Querier) (s schema, err error) {
	version, err := selectVersion(ctx, q)
	if err != nil {
		return s, err
	}
	s.has, s.expected = map[string]bool{}, map[string]bool{}
	for _, t := range tables {
		what, err := checkTable(ctx, q, t.name, t.columns)
		if err != nil {
			return s, err
		}
		s.has[t.name], s.expected[t.name] = what == "", what == "" || t.since <= version
		if what != "" && s.expected[t.name] {
			s.faults = append(s.faults, Fault{What: what})
		}
	}
	if len(s.faults) == len(tables) {
		if err := wasConsole(ctx, q); err != nil {
			return s, err
		}
	}
	more, err := checkTriggers(ctx, q, s.expected)
	s.faults = append(s.faults, more...)
	return s, err
}

// selectVersion reads which migration was the last; a database that does not say so has had them all.
func selectVersion(ctx context.Context, q store.Querier) (version int64, err error) {
	var known bool
	if err := q.QueryRowContext(ctx, `SELECT count(*) FROM pragma_table_info('goose_db_version') WHERE name = 'version_id'`).Scan(&known); err != nil {
		return 0, fmt.Errorf("read tables: %w", err)
	}
	if !known {
		return math.MaxInt64, nil
	}
	err = q.QueryRowContext(ctx, `SELECT coalesce(max(version_id), 0) FROM goose_db_version`).Scan(&version)
	if err != nil {
		return 0, fmt.Errorf("read the version of the database: %w", err)
	}
	return version, nil
}

func checkTable(ctx context.Context, q store.Querier, name, columns string) (string, error) {
	var strict bool
	var found string
	err := q.QueryRowContext(ctx, `SELECT coalesce((SELECT strict FROM pragma_table_list WHERE schema = 'main' AND name = ?1 AND type = 'table'), 0),
		coalesce((SELECT group_concat(name || ' ' || type, ', ' ORDER BY cid) FROM pragma_table_xinfo(?1)), '')`, name).Scan(&strict, &found)
	switch {
	case err != nil:
		return "", fmt.Errorf("read tables: %w", err)
	case found == "":
		return "the table " + name + " is missing", nil
	case found != columns || !strict:
		return "the table " + name + " has another shape than its migration gave it", nil
	}
	return "", nil
}

// wasConsole tells a console's database that lost its log from a file that never was one.
func wasConsole(ctx context.Context, q store.Querier) error {
	var n int
	if err := q.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema WHERE name IN ('goose_db_version', 'audit', 'audit_log')`).Scan(&n); err != nil {
		return fmt.Errorf("read tables: %w", err)
	}
	if n == 0 {
		return errNoLog
	}
	return nil
}

func checkTriggers(ctx context.Context, q store.Querier, expected map[string]bool) ([]Fault, error) {
	rows, err := q.QueryContext(ctx, `SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name IN ('audit', 'audit_log', 'audit_checkpoint', 'audit_block', 'audit_secret') ORDER BY name`)
	if err != nil {
		return nil, fmt.Errorf("read triggers: %w", err)
	}
	defer rows.Close()
	found := map[string]string{}
	for rows.Next() {
		var name, text string
		if err := rows.Scan(&name, &text); err != nil {
			return nil, fmt.Errorf("read trigger: %w", err)
		}
		found[name] = oneLine(text)
	}
	var faults []Fault
	for _, t := range triggers {
		if text, ok := found[t.name]; !ok && !expected[t.table] {
			continue
		} else if !ok {
			faults = append(faults, Fault{What: "the trigger " + t.name + " is missing"})
		} else if text != oneLine(t.sql) {
			faults = append(faults, Fault{What: "the trigger " + t.name + " was changed"})
		}
		delete(found, t.name)
	}
	for _, name := range slices.Sorted(maps.Keys(found)) {
		faults = append(faults, Fault{What: fmt.Sprintf("the trigger %q does not belong to the log", name)})
	}
	return faults, rows.Err()
}

func oneLine(s string) string { return strings.TrimRight(strings.Join(strings.Fields(s), " "), "; ") }
