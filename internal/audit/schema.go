package audit

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"cmpconsole/internal/store"
)

// errNoLog says that the file is some database, but none that ever held an audit log.
var errNoLog = errors.New("there is no audit log in this database")

// tables are the columns that the log's tables must have, as their migration made them.
var tables = []struct{ name, columns string }{
	{"audit", "seq INTEGER, body BLOB, prev_hash BLOB, hash BLOB, time INTEGER, actor TEXT, action TEXT, phase TEXT, " +
		"outcome TEXT, device TEXT, order_id TEXT, of INTEGER, request_id TEXT"},
	{"audit_log", "id INTEGER, log_id TEXT, size INTEGER, head BLOB"},
	{"audit_checkpoint", "size INTEGER, note BLOB"},
	{"audit_block", "n INTEGER, hash BLOB"},
	{"audit_secret", "seq INTEGER, field TEXT, salt BLOB, value BLOB"},
}

// triggers are the guards of the tables, word for word: one that is there but never fires guards nothing.
var triggers = []struct{ name, sql string }{
	{"audit_next", `CREATE TRIGGER audit_next BEFORE INSERT ON audit
		WHEN NEW.seq IS NOT 1 + max((SELECT coalesce(max(seq), 0) FROM audit), (SELECT coalesce(max(size), 0) FROM audit_log))
			OR EXISTS (SELECT 1 FROM audit WHERE hash = NEW.hash)
		BEGIN SELECT RAISE(ABORT, 'audit: only the next row can be added'); END`},
	{"audit_end", `CREATE TRIGGER audit_end AFTER INSERT ON audit
		BEGIN UPDATE audit_log SET size = NEW.seq, head = NEW.hash; END`},
	{"audit_no_update", `CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
		BEGIN SELECT RAISE(ABORT, 'audit: rows cannot be changed'); END`},
	{"audit_no_delete", `CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
		BEGIN SELECT RAISE(ABORT, 'audit: rows cannot be deleted'); END`},
	{"audit_log_once", `CREATE TRIGGER audit_log_once BEFORE INSERT ON audit_log
		WHEN EXISTS (SELECT 1 FROM audit_log)
		BEGIN SELECT RAISE(ABORT, 'audit: the log has its id already'); END`},
	{"audit_log_forward", `CREATE TRIGGER audit_log_forward BEFORE UPDATE ON audit_log
		WHEN NEW.id IS NOT OLD.id OR NEW.log_id IS NOT OLD.log_id OR NEW.size <= OLD.size
		BEGIN SELECT RAISE(ABORT, 'audit: the log keeps its id and only grows'); END`},
	{"audit_log_no_delete", `CREATE TRIGGER audit_log_no_delete BEFORE DELETE ON audit_log
		BEGIN SELECT RAISE(ABORT, 'audit: the log keeps its id'); END`},
	{"audit_secret_once", `CREATE TRIGGER audit_secret_once BEFORE INSERT ON audit_secret
		WHEN NEW.seq IS NOT (SELECT size FROM audit_log) OR EXISTS (SELECT 1 FROM audit_secret WHERE seq = NEW.seq AND field = NEW.field)
		BEGIN SELECT RAISE(ABORT, 'audit: a value is kept with its row only'); END`},
	{"audit_secret_no_update", `CREATE TRIGGER audit_secret_no_update BEFORE UPDATE ON audit_secret
		BEGIN SELECT RAISE(ABORT, 'audit: values cannot be changed'); END`},
	{"audit_secret_recorded", `CREATE TRIGGER audit_secret_recorded BEFORE DELETE ON audit_secret
		WHEN NOT EXISTS (SELECT 1 FROM audit WHERE of = OLD.seq AND action = 'audit.redact' AND json_extract(CAST(body AS TEXT), '$.detail.field') = OLD.field)
		BEGIN SELECT RAISE(ABORT, 'audit: values are erased by a row that says so'); END`},
}

// checkSchema compares tables and triggers with what they should be. readable tells whether the rows can be judged.
func checkSchema(ctx context.Context, q store.Querier) (faults []Fault, readable bool, err error) {
	readable = true
	for _, t := range tables {
		what, err := checkTable(ctx, q, t.name, t.columns)
		if err != nil {
			return nil, false, err
		}
		if what != "" {
			faults, readable = append(faults, Fault{What: what}), false
		}
	}
	if len(faults) == len(tables) {
		if err := wasConsole(ctx, q); err != nil {
			return nil, false, err
		}
	}
	more, err := checkTriggers(ctx, q)
	return append(faults, more...), readable, err
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

func checkTriggers(ctx context.Context, q store.Querier) ([]Fault, error) {
	rows, err := q.QueryContext(ctx, `SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name IN ('audit', 'audit_log', 'audit_secret') ORDER BY name`)
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
		if text, ok := found[t.name]; !ok {
			faults = append(faults, Fault{What: "the trigger " + t.name + " is missing"})
		} else if text != oneLine(t.sql) {
			faults = append(faults, Fault{What: "the trigger " + t.name + " was changed"})
		}
		delete(found, t.name)
	}
	for name := range found {
		faults = append(faults, Fault{What: fmt.Sprintf("the trigger %q does not belong to the log", name)})
	}
	return faults, rows.Err()
}

func oneLine(s string) string { return strings.TrimRight(strings.Join(strings.Fields(s), " "), "; ") }
