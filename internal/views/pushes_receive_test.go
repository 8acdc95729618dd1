package views

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"cmpconsole/internal/store"
)

const pushToken = "token-of-the-callbacks-1"

// The callbacks of the API document, as printed there.
const (
	orderPush = `{"assetid": "89852420180910344720", "imsi": "204046990912345", "operation": "1001", "orderid": "L201901290000000533", "time": "2019-10-16 12:34:54"}`
	mtPush    = `{"supplier_code": "SP000040", "msg_id": "18fc707863a0000a37157dd34e6ec630", "phone": "61482271041", "iccid": "8943108169998931684", "status_report": "1", "status_report_msg": "DELIVRD", "timestamp": "2024-05-30 18:00:00"}`
	moPush    = `{"supplier_code": "SP000040", "phone": "61482271041", "iccid": "8943108169998931684", "dest_address": "12345", "sms_content": "", "timestamp": "2024-05-30 17:00:00"}`
)

func (st *site) callback(t *testing.T, path, kind, body string) (status int, contentType, answer string) {
	t.Helper()
	res, err := http.Post(st.url+path, kind, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, res.Header.Get("Content-Type"), string(text)
}

func (st *site) kept(t *testing.T) (n int) {
	t.Helper()
	if err := st.db.Read().QueryRowContext(t.Context(), `SELECT count(*) FROM push`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// Each callback is answered exactly as the document asks, whatever the sender calls its body, and by either token.
func TestCallbacksAreAnswered(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	stored := 0
	for _, token := range []string{pushToken, "the-new-token-of-the-CMP"} {
		for _, kind := range []string{"application/json", "application/json; charset=utf-8", "text/plain", "application/x-www-form-urlencoded", ""} {
			for path, tt := range map[string]struct{ body, answer string }{
				"order-status": {orderPush, "1"}, "sms-mt": {mtPush, `{"code":"0","message":"success"}`}, "sms-mo": {moPush, `{"code":"0","message":"success"}`},
			} {
				status, contentType, answer := st.callback(t, "/push/"+token+"/"+path, kind, tt.body)
				if status != http.StatusOK || answer != tt.answer || strings.HasPrefix(tt.answer, "{") != strings.HasPrefix(contentType, "application/json") {
					t.Errorf("%s as %q: %d %s %q", path, kind, status, contentType, answer)
				}
				stored++
			}
		}
	}
	if n := st.kept(t); n != stored {
		t.Errorf("%d of %d are stored", n, stored)
	}
	var body string
	if err := st.db.Read().QueryRowContext(t.Context(), `SELECT body FROM push WHERE kind = 'sms-mt' LIMIT 1`).Scan(&body); err != nil || body != mtPush {
		t.Errorf("stored %q, %v", body, err)
	}
}

// Nothing is stored of what has no right to come: not the token's, too large, or a form of the browser.
func TestCallbacksThatAreNone(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	for _, path := range []string{"/push/wrong/order-status", "/push/" + pushToken + "x/sms-mt", "/push/" + pushToken[1:] + "/sms-mo", "/push/" + pushToken + "/other", "/push//order-status"} {
		if status, _, _ := st.callback(t, path, "application/json", orderPush); status != http.StatusNotFound {
			t.Errorf("%s: %d", path, status)
		}
	}
	if status, _, answer := st.callback(t, "/push/"+pushToken+"/sms-mo", "application/json", `{"iccid": "`+strings.Repeat("8", 65<<10)+`"}`); status != http.StatusRequestEntityTooLarge || !strings.Contains(answer, `"code":"1"`) {
		t.Errorf("a large one: %d %s", status, answer)
	}
	res, err := http.Get(st.url + "/push/" + pushToken + "/order-status")
	if err != nil {
		t.Fatal(err)
	}
	if res.Body.Close(); res.StatusCode == http.StatusOK {
		t.Error("it can be read")
	}
	if n := st.kept(t); n != 0 {
		t.Errorf("%d are stored", n)
	}
	if rows, err := st.Audit.Count(t.Context()); err != nil || rows != 0 {
		t.Errorf("%d rows in the log, %v", rows, err)
	}
	if strings.Contains(st.logs.String(), pushToken) {
		t.Error("the token stands in the program's log")
	}
}

// A callback that comes as from another site is taken by its token like any other, and without it learns nothing and leaves no row.
func TestCallbacksOfAnyOrigin(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, "")
	for _, path := range []string{"/push/wrong/order-status", "/push/wrong/other"} {
		v.do(http.MethodPost, path, nil, "Sec-Fetch-Site", "cross-site").want(t, http.StatusNotFound)
	}
	if rows, err := st.Audit.Count(t.Context()); err != nil || rows != 0 {
		t.Errorf("%d rows in the log, %v", rows, err)
	}
	v.do(http.MethodPost, "/push/"+pushToken+"/order-status", nil, "Sec-Fetch-Site", "cross-site").want(t, http.StatusOK)
	if n := st.kept(t); n != 1 {
		t.Errorf("%d are stored", n)
	}
}

// What could not be stored is not confirmed, so that the sender sends it again.
func TestCallbacksThatCannotBeStored(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	breakTable(t, st.db, "push")
	if status, _, answer := st.callback(t, "/push/"+pushToken+"/order-status", "application/json", orderPush); status != http.StatusServiceUnavailable || answer == "1" {
		t.Errorf("%d %q", status, answer)
	}
	if status, _, answer := st.callback(t, "/push/"+pushToken+"/sms-mt", "application/json", mtPush); status != http.StatusServiceUnavailable || strings.Contains(answer, `"code":"0"`) {
		t.Errorf("%d %q", status, answer)
	}
}

// breakTable has a table take no rows any more.
func breakTable(t *testing.T, db *store.DB, table string) {
	t.Helper()
	stmt, err := db.Prepare(t.Context(), `CREATE TRIGGER full BEFORE INSERT ON `+table+` BEGIN SELECT raise(ABORT, 'disk full'); END`)
	if err != nil {
		t.Fatal(err)
	}
	defer stmt.Close()
	if _, err := stmt.ExecContext(t.Context()); err != nil {
		t.Fatal(err)
	}
}
