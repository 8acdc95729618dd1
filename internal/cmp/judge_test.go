package cmp

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// fine marks an answer that is a success.
const fine = Kind(-1)

type judgement struct {
	name   string
	status int
	body   string
	want   Kind
	code   string
}

func (j judgement) check(t *testing.T) {
	t.Helper()
	_, fail := judge(j.status, []byte(j.body))
	switch {
	case fail == nil && j.want != fine:
		t.Errorf("taken for success, want %v", j.want)
	case fail != nil && j.want == fine:
		t.Errorf("taken for %v", fail)
	case fail != nil && (fail.Kind != j.want || fail.Code != j.code || fail.HTTPStatus != j.status):
		t.Errorf("got %v, want %v with code %q", fail, j.want, j.code)
	}
}

func runJudgements(t *testing.T, tests []judgement) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.check(t)
		})
	}
}

func TestJudgeSuccess(t *testing.T) {
	t.Parallel()
	runJudgements(t, []judgement{
		{"as printed", 200, `{"code":"0000","data":null,"message":"Success","success":true}`, fine, ""},
		{"in Chinese", 200, `{"code":"0000","data":null,"message":"成功","success":true}`, fine, ""},
		{"without the flag", 200, `{"code":"0000"}`, fine, ""},
		{"flag null", 200, `{"code":"0000","success":null}`, fine, ""},
		{"flag empty", 200, `{"code":"0000","success":""}`, fine, ""},
		{"flag as text", 200, `{"code":"0000","success":"True"}`, fine, ""},
		{"flag as number", 200, `{"code":"0000","success":1}`, fine, ""},
		{"code as the number 0", 200, `{"code":0,"data":{},"message":"成功"}`, fine, ""},
		{"code with spaces", 200, `{"code":" 0000\t"}`, fine, ""},
		{"other spelling", 200, `{"Code":"0000","DATA":1,"Success":"true"}`, fine, ""},
		{"byte order mark", 200, "\ufeff" + `{"code":"0000"}`, fine, ""},
		{"white space around", 200, " \r\n" + `{"code":"0000"}` + "\n", fine, ""},
		{"201", 201, `{"code":"0000","success":true}`, fine, ""},
		{"inner success", 200, `{"code":"0000","data":{"status":{"code":"CB-00-0000"}}}`, fine, ""},
		{"inner success with spaces", 200, `{"code":"0000","data":{"status":{"code":" CB-00-0000 "}}}`, fine, ""},
		{"inner status without code", 200, `{"code":"0000","data":{"status":{"message":"x"}}}`, fine, ""},
		{"status that is a text", 200, `{"code":"0000","data":{"status":"2"}}`, fine, ""},
		{"data that is a text", 200, `{"code":"0000","data":"成功"}`, fine, ""},
		{"a message that lies", 200, `{"code":"0000","message":"failed","success":true}`, fine, ""},
		{"the same code twice", 200, `{"code":"0000","Code":"0000","code":null}`, fine, ""},
	})
}

func TestJudgeRefusals(t *testing.T) {
	t.Parallel()
	runJudgements(t, []judgement{
		{"business error", 200, `{"code":"3002","message":"订单状态不允许","success":false}`, Rejected, "3002"},
		{"without the flag", 200, `{"code":"3002","message":"no"}`, Rejected, "3002"},
		{"code as a number", 200, `{"code":3002,"message":"no","success":false}`, Rejected, "3002"},
		{"code with spaces", 200, `{"code":" 3002 ","success":"false"}`, Rejected, "3002"},
		{"msg in place of message", 200, `{"code":"A1","msg":"no"}`, Rejected, "A1"},
		{"a message that lies", 200, `{"code":"9999","message":"Success"}`, Rejected, "9999"},
		{"400", 400, `{"code":"1001","message":"missing","success":false}`, Rejected, "1001"},
		{"401 with a code", 401, `{"code":"E1","message":"no"}`, Rejected, "E1"},
		{"404 with a code", 404, `{"code":"E2","message":"no"}`, Rejected, "E2"},
		{"inner error", 200, `{"code":"0000","data":{"status":{"code":"CB-01-0111","message":"running"}},"success":true}`, Rejected, "CB-01-0111"},
		{"gateway refuses", 401, `{"message":"client request can't be validated"}`, Unauthorised, ""},
		{"gateway forbids", 403, `{"message":"forbidden"}`, Unauthorised, ""},
		{"gateway refuses, success false", 401, `{"message":"Invalid signature","success":false}`, Unauthorised, ""},
		{"gateway refuses, code null", 401, `{"code":null,"message":"Invalid signature"}`, Unauthorised, ""},
	})
}

func TestJudgeDoubts(t *testing.T) {
	t.Parallel()
	runJudgements(t, doubts)
}

// doubts are the answers after which nobody knows what happened.
var doubts = []judgement{
	{"success code, flag false", 200, `{"code":"0000","success":false}`, Unknown, "0000"},
	{"success code, flag 0", 200, `{"code":0,"success":0}`, Unknown, "0000"},
	{"success code, flag unreadable", 200, `{"code":"0000","success":"maybe"}`, Unknown, "0000"},
	{"success code, flag an object", 200, `{"code":"0000","success":{"a":1}}`, Unknown, "0000"},
	{"error code, flag true", 200, `{"code":"9999","success":true}`, Unknown, "9999"},
	{"401, flag true", 401, `{"message":"x","success":true}`, Unknown, ""},
	{"401 without a message", 401, `{}`, Unknown, ""},
	{"401 that is a page", 401, `<html>login</html>`, Unknown, ""},
	{"403 with the success code", 403, `{"code":"0000"}`, Unknown, "0000"},
	{"404 with the success code", 404, `{"code":"0000","success":true}`, Unknown, "0000"},
	{"404 of the gateway", 404, `{"error_msg":"404 Route Not Found"}`, Unknown, ""},
	{"429 of the gateway", 429, `{"message":"slow down"}`, Unknown, ""},
	{"408 with a code", 408, `{"code":"3002","message":"too slow","success":false}`, Unknown, "3002"},
	{"425 with a code", 425, `{"code":"3002","message":"too early","success":false}`, Unknown, "3002"},
	{"429 with a code", 429, `{"code":"3002","message":"slow down","success":false}`, Unknown, "3002"},
	{"499 with a code", 499, `{"code":"3002","message":"you left","success":false}`, Unknown, "3002"},
	{"500 with an error", 500, `{"code":"9999","message":"x","success":false}`, Unknown, "9999"},
	{"500 with success", 500, `{"code":"0000","success":true}`, Unknown, "0000"},
	{"502", 502, `bad gateway`, Unknown, ""},
	{"302 with an error", 302, `{"code":"9999","success":false}`, Unknown, "9999"},
	{"308 with success", 308, `{"code":"0000","success":true}`, Unknown, "0000"},
	{"101", 101, `{"code":"9999"}`, Unknown, "9999"},
	{"999", 999, `{"code":"9999"}`, Unknown, "9999"},
	{"page of a proxy", 200, `<html><body>ok</body></html>`, Unknown, ""},
	{"cut", 200, `{"code":"0000","data":{"order`, Unknown, ""},
	{"cut in the last sign", 200, `{"code":"0000"`, Unknown, ""},
	{"trailing comma", 200, `{"code":"0000",}`, Unknown, ""},
	{"code without quotes", 200, `{"code":0000}`, Unknown, ""},
	{"two answers", 200, `{"code":"0000"}{"code":"9999"}`, Unknown, ""},
	{"something behind", 200, `{"code":"0000"} OK`, Unknown, ""},
	{"no code", 200, `{"message":"hello","success":true}`, Unknown, ""},
	{"code empty", 200, `{"code":" "}`, Unknown, ""},
	{"code a boolean", 200, `{"code":true}`, Unknown, ""},
	{"code an object", 200, `{"code":{"code":"0000"}}`, Unknown, ""},
	{"codes that differ", 200, `{"code":"0000","Code":"9999"}`, Unknown, "0000"},
	{"codes that differ, exactly named", 200, `{"code":"9999","code":"0000"}`, Unknown, "9999"},
	{"flags that differ", 200, `{"code":"0000","success":true,"SUCCESS":false}`, Unknown, "0000"},
	{"a text 0, the success of pushes", 200, `{"code":"0","message":"success"}`, Unknown, "0"},
	{"200, the success of a sibling", 200, `{"code":200,"msg":"ok"}`, Unknown, "200"},
	{"429 in the code", 200, `{"code":429,"msg":"slow down"}`, Unknown, "429"},
	{"500 in the code", 200, `{"code":500,"message":"Internal Server Error"}`, Unknown, "500"},
	{"inner code at the wrong place", 200, `{"code":"CB-00-0000"}`, Unknown, "CB-00-0000"},
	{"inner server error", 200, `{"code":"0000","data":{"status":{"code":"CB-99-9999"}}}`, Unknown, "CB-99-9999"},
	{"inner code unreadable", 200, `{"code":"0000","data":{"status":{"code":[1]}}}`, Unknown, ""},
	{"inner codes that differ", 200, `{"code":"0000","data":{"status":{"code":"CB-00-0000","CODE":"CB-01-0001"}}}`, Unknown, "CB-00-0000"},
	{"a list", 200, `["0000"]`, Unknown, ""},
	{"a text", 200, `"0000"`, Unknown, ""},
	{"nothing", 200, ``, Unknown, ""},
	{"null", 200, `null`, Unknown, ""},
	{"deeper than anybody needs", 200, strings.Repeat(`{"data":`, 20_000), Unknown, ""},
	{"deep and closed", 200, `{"code":"0000","data":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + `}`, Unknown, ""},
}

// What the CMP chose is kept short and harmless.
func TestTextsOfTheCMPAreBounded(t *testing.T) {
	t.Parallel()
	_, fail := judge(200, []byte(`{"code":"`+strings.Repeat("9", 1000)+`","message":"`+strings.Repeat("订\\u0007\\n\\u202e", 400)+`"}`))
	if len(fail.Code) != maxCode || utf8.RuneCountInString(fail.Message) != maxMessage {
		t.Errorf("code of %d, message of %d characters", len(fail.Code), utf8.RuneCountInString(fail.Message))
	}
	if strings.ContainsFunc(fail.Message, func(r rune) bool { return unicode.IsControl(r) || r == '\u202e' }) {
		t.Errorf("message %q", fail.Message)
	}
	_, fail = judge(200, []byte("<html>\x1b[31m系统维护中\x00\xff"+strings.Repeat("x", 10_000)))
	if !strings.HasPrefix(fail.Excerpt, `<html>\x1b[31m系统维护中\x00\xff`) || len(fail.Excerpt) > 2*maxExcerpt {
		t.Errorf("excerpt %q", fail.Excerpt)
	}
	if text := fail.Error(); len(text) > 4*maxExcerpt || strings.ContainsFunc(text, unicode.IsControl) {
		t.Errorf("error %q", text)
	}
}
