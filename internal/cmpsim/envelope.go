package cmpsim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// envelope is the answer's outer form, in the document's order.
type envelope struct {
	Code    string `json:"code"`
	Data    any    `json:"data"`
	Message string `json:"message"`
	Success bool   `json:"success"`
}

// Codes of the sandbox. Only the first is documented; the others are the
// sandbox's own numbering, since the CMP publishes no list.
const (
	codeSuccess      = "0000"
	codeMissing      = "1001"
	codeMalformed    = "1002"
	codeBadValue     = "1003"
	codeNoDevice     = "2001"
	codeOtherDevice  = "2002"
	codeNoOrder      = "3001"
	codeWrongState   = "3002"
	codeSecondary    = "3003"
	codeAlreadyInUse = "3004"
	codeObsolete     = "3005"
	codePeriod       = "3006"
	codePackage      = "3007"
	codeUnpaid       = "3008"
	codeTestFlow     = "3009"
	codeTooOld       = "4001"
	codeSameMessage  = "5001"
	codeMessageID    = "5002"
	codeNoIMSI       = "5003"
	codeNoBinding    = "6001"
	codeNotBound     = "6002"
	codeBound        = "6003"
	codeOTAFlag      = "6004"
	codeBusy         = "9999"
)

const (
	unauthorisedText  = "client request can't be validated"
	jsonType          = "application/json;charset=UTF-8"
	htmlType          = "text/html; charset=utf-8"
	retryAfterSeconds = "5"
)

// refusal is a business error: a code of the table below and what fills its text.
type refusal struct {
	code string
	args []any
}

func refuse(code string, args ...any) *refusal { return &refusal{code: code, args: args} }

// refusalTexts is the one table of business errors.
var refusalTexts = map[string]struct{ zh, en string }{
	codeMissing:      {"参数%s不能为空", "Parameter %s is required"},
	codeMalformed:    {"请求报文格式错误", "The request body is not a JSON object"},
	codeBadValue:     {"参数%s取值不正确", "Parameter %s has a value that is not allowed"},
	codeNoDevice:     {"设备%s不存在", "Device %s does not exist"},
	codeOtherDevice:  {"订单%s不属于设备%s", "Order %s does not belong to device %s"},
	codeNoOrder:      {"订单%s不存在", "Order %s does not exist"},
	codeWrongState:   {"订单%s当前状态为%s，不允许此操作", "Order %s has status %s, which does not allow this operation"},
	codeSecondary:    {"订单%s为OTA副号套餐，不支持手动开通", "Order %s is a secondary package of an OTA device and cannot be opened"},
	codeAlreadyInUse: {"设备%s已有使用中的套餐订单", "Device %s already has an order in use"},
	codeObsolete:     {"套餐%s已下架", "Package %s is obsolete"},
	codePeriod:       {"套餐%s的订购周期应在%s到%s之间", "The order period of package %s must lie between %s and %s"},
	codePackage:      {"套餐%s不存在或名称、类型不匹配", "Package %s does not exist, or its name or type is another"},
	codeUnpaid:       {"未支付订单不允许立即开通", "An unpaid order cannot be opened at once"},
	codeTestFlow:     {"设备%s已有订单，不能再订购测试流量", "Device %s already has an order, so no test traffic can be ordered"},
	codeTooOld:       {"仅支持查询最近180天的数据", "Only the last 180 days can be queried"},
	codeSameMessage:  {"短信标识%s已使用", "The msg_id %s was used before"},
	codeMessageID:    {"短信标识%s应以LK开头且不超过32位", "The msg_id %s must begin with LK and have at most 32 characters"},
	codeNoIMSI:       {"IMSI %s不存在", "IMSI %s does not exist"},
	codeNoBinding:    {"设备%s不支持机卡绑定", "Binding an IMEI is not available for device %s"},
	codeNotBound:     {"设备%s未绑定IMEI %s", "Device %s is not bound to IMEI %s"},
	codeBound:        {"设备%s已绑定IMEI %s", "Device %s is bound to IMEI %s already"},
	codeOTAFlag:      {"设备%s的OTA标识不匹配", "The OTA flag of device %s is another"},
	codeBusy:         {"系统繁忙，请稍后再试", "The system is busy, try again later"},
}

func (r *refusal) text(english bool) string {
	t := refusalTexts[r.code]
	if english {
		return fmt.Sprintf(t.en, r.args...)
	}
	return fmt.Sprintf(t.zh, r.args...)
}

// inEnglish reads Accept-Language; the CMP's default is Chinese.
func inEnglish(r *http.Request) bool {
	return strings.HasPrefix(strings.ToLower(r.Header.Get("Accept-Language")), "en")
}

func successText(english bool) string {
	if english {
		return "Success"
	}
	return "成功"
}

// reply is an answer before it leaves: the journal reads it, send writes it.
type reply struct {
	status      int
	code        string
	contentType string
	header      map[string]string
	body        []byte
	applied     bool
	reset       bool
	missing     int
}

func envelopeReply(e envelope) reply {
	return reply{status: http.StatusOK, code: e.Code, contentType: jsonType, body: encode(e)}
}

func refusalReply(r *refusal, english bool) reply {
	return envelopeReply(envelope{Code: r.code, Message: r.text(english)})
}

// gatewayReply is an answer of the gateway before the CMP: one text, no envelope.
func gatewayReply(status int, key, text string) reply {
	return reply{status: status, contentType: jsonType, body: encode(map[string]string{key: text})}
}

// encode leaves & and < as they are, as the CMP's own texts do.
func encode(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return []byte(`{"code":"9999","data":null,"message":` + strconv.Quote(err.Error()) + `,"success":false}`)
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}

// send writes the answer as it stands, broken ones included.
func (r reply) send(w http.ResponseWriter) {
	if r.reset {
		resetConnection(w)
		return
	}
	w.Header().Set("Content-Type", r.contentType)
	for k, v := range r.header {
		w.Header().Set(k, v)
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(r.body)+r.missing))
	w.WriteHeader(r.status)
	// A caller that left is no fault of the sandbox.
	_, _ = w.Write(r.body)
}
