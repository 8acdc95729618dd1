package mirror

// version belongs to the schema: a file of another one is begun anew, so there are no migrations.
const version = 8

// A device has a number of its own, n, in the order in which the mirror met them: the search index and the columns
// speak of it. A time is an integer (see packTime), or the CMP's own text when that is no time.
const schema = `
CREATE TABLE partner (k INTEGER PRIMARY KEY, code TEXT NOT NULL, name TEXT NOT NULL, UNIQUE (code, name)) STRICT;
CREATE TABLE package (k INTEGER PRIMARY KEY, code TEXT NOT NULL, name TEXT NOT NULL, UNIQUE (code, name)) STRICT;

CREATE TABLE device (
	n INTEGER PRIMARY KEY, told INTEGER NOT NULL, borne INTEGER NOT NULL,
	id TEXT NOT NULL UNIQUE, lifecycle TEXT NOT NULL, starts ANY, ends ANY, silent TEXT NOT NULL, shutdown TEXT NOT NULL,
	ota TEXT NOT NULL, bip TEXT NOT NULL, multi TEXT NOT NULL, partner INTEGER NOT NULL, msisdn TEXT NOT NULL, main_iccid TEXT NOT NULL, task TEXT NOT NULL,
	order_id TEXT NOT NULL, status TEXT NOT NULL, package INTEGER NOT NULL, package_type TEXT NOT NULL, buy_type TEXT NOT NULL, period TEXT NOT NULL,
	supplier TEXT NOT NULL, order_imsi TEXT NOT NULL, order_msisdn TEXT NOT NULL, order_iccid TEXT NOT NULL,
	allowance INTEGER, used INTEGER, order_used INTEGER, used_rate TEXT NOT NULL, ordered ANY, active ANY, expires ANY,
	profiles TEXT NOT NULL, imei TEXT NOT NULL, gone INTEGER NOT NULL
) STRICT;

CREATE TABLE number (h INTEGER NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (h, n)) STRICT, WITHOUT ROWID;
CREATE TABLE label (name TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (name, n)) STRICT, WITHOUT ROWID;
CREATE INDEX label_n ON label (n);

CREATE TABLE facet (block INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;
CREATE TABLE confirmed (block INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;

CREATE TABLE sync (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE run (k INTEGER PRIMARY KEY, list BLOB NOT NULL) STRICT;
CREATE TABLE segment (k INTEGER PRIMARY KEY, many INTEGER NOT NULL, first INTEGER NOT NULL, devices BLOB NOT NULL, counts BLOB NOT NULL) STRICT;
CREATE TABLE young (n INTEGER PRIMARY KEY) STRICT;
`
