package cmp

import (
	"context"
	"regexp"
	"strings"
	"time"
)

// SendState tells whether an SMS left the CMP (sendStatus of "Query MT SMS Record").
type SendState string

// The two states.
const (
	WasSent    SendState = "1"
	WasNotSent SendState = "2"
)

// DeliveryReport tells whether an SMS arrived: statusReport of "Query MT SMS Record", and, under the name
// sendStatus, of "Query MO、MT CDR". It is empty while nobody knows.
type DeliveryReport string

// The two reports.
const (
	Delivered DeliveryReport = "1"
	Failed    DeliveryReport = "2"
)

// SMS is one text or binary content to one or several devices, each under an id of its own.
type SMS struct {
	To      []SMSAddress
	Content string // a text, or the bytes in hexadecimal
	Binary  bool
}

// SMSAddress pairs a device with the id that its message gets: LK and up to 30 more characters, never used before.
type SMSAddress struct {
	DeviceID string `json:"device_id"`
	MsgID    string `json:"msg_id"`
}

var msgID = regexp.MustCompile(`^LK[0-9A-Za-z]{1,30}$`)

// ValidMsgID tells whether a text can be the id of a message that we send.
func ValidMsgID(id string) bool { return msgID.MatchString(id) }

// SendSMS sends an SMS (API document, "Send SMS message"). Success means that the CMP took it; what became of it
// tells MTMessages. Sent at most once; the error's Kind says what is certain of all the messages together.
func (c *Client) SendSMS(ctx context.Context, m SMS) error {
	const op = "sms/sendSms"
	if !m.valid() {
		return refused(op, errNoSMS)
	}
	kind := "1"
	if m.Binary {
		kind = "2"
	}
	_, err := c.change(ctx, op, struct {
		To      []SMSAddress `json:"flag_list"`
		Content string       `json:"sms_content"`
		Kind    string       `json:"message_type"`
	}{m.To, m.Content, kind})
	return err
}

func (m SMS) valid() bool {
	ids := map[string]bool{}
	for _, a := range m.To {
		if !ValidID(a.DeviceID) || !ValidMsgID(a.MsgID) || ids[a.MsgID] {
			return false
		}
		ids[a.MsgID] = true
	}
	return len(m.To) > 0 && strings.TrimSpace(m.Content) != ""
}

// MTMessage is a message to a device, as far as the CMP tells: not its id, nor its text.
type MTMessage struct {
	DeviceID, MSISDN string
	Started, Ended   Time
	State            SendState
	Report           DeliveryReport
}

// MTPage is one page of messages. Total is what the CMP claims.
type MTPage struct {
	Messages          []MTMessage
	Page, Size, Total int
}

// MTQuery filters messages to devices. MsgID is the id that was given when sending.
type MTQuery struct {
	DeviceID, MsgID string
	Page, Size      int
}

// MTMessages reads one page of messages to devices (API document, "Query MT SMS Record"). Times are UTC+8.
func (c *Client) MTMessages(ctx context.Context, q MTQuery) (MTPage, error) {
	const op = "sms/queryMTSmsStatus"
	n, err := c.read(ctx, op, struct {
		DeviceID string `json:"device_id,omitempty"`
		MsgID    string `json:"msg_id,omitempty"`
		paging
	}{q.DeviceID, q.MsgID, paging{q.Page, q.Size}})
	if err != nil {
		return MTPage{}, err
	}
	rows, err := n.children("data")
	if err != nil {
		return MTPage{}, unusable(op, err)
	}
	p := MTPage{Page: q.Page, Size: q.Size, Total: max(n.count("total_count"), len(rows))}
	for _, row := range rows {
		p.Messages = append(p.Messages, MTMessage{
			DeviceID: row.text("asset_id", "device_id"), MSISDN: filler(row.text("msisdn")), Started: parseStatedTime(row.text("send_start_time")),
			Ended: parseStatedTime(row.text("send_end_time")), State: SendState(row.text("send_status")), Report: DeliveryReport(row.text("status_report")),
		})
	}
	return p, nil
}

// SMSRecord is a message from or to a device.
type SMSRecord struct {
	DeviceID           string
	FromICCID, ToICCID string
	FromPhone, ToPhone string
	Type               string // MO from the device, MT to it
	At                 Time
	Report             DeliveryReport // of MT only
}

// SMSRecordPage is one page of records. Total and Pages are what the CMP claims.
type SMSRecordPage struct {
	Records                  []SMSRecord
	Page, Size, Total, Pages int
}

// SMSRecordQuery asks for one device's records of the days From to Until, both included; zero asks for all.
type SMSRecordQuery struct {
	DeviceID    string
	From, Until time.Time
	Page, Size  int
}

// SMSRecords reads one page of messages from and to a device (API document, "Query MO、MT CDR"). Times are UTC+8.
// The answer's count is the size of a page, not of its rows.
func (c *Client) SMSRecords(ctx context.Context, q SMSRecordQuery) (SMSRecordPage, error) {
	const op = "sms/querySmsCDR"
	if !ValidID(q.DeviceID) {
		return SMSRecordPage{}, notFound(op, errNoDeviceID)
	}
	n, err := c.read(ctx, op, struct {
		DeviceID string `json:"device_id"`
		Begin    string `json:"begin_time,omitempty"`
		End      string `json:"end_time,omitempty"`
		paging
	}{q.DeviceID, dayText(q.From), dayText(q.Until), paging{q.Page, q.Size}})
	if err != nil {
		return SMSRecordPage{}, err
	}
	rows, err := n.children("data")
	if err != nil {
		return SMSRecordPage{}, unusable(op, err)
	}
	p := SMSRecordPage{Page: q.Page, Size: q.Size, Total: max(n.count("totalData"), len(rows)), Pages: n.count("totalPage")}
	for _, row := range rows {
		p.Records = append(p.Records, SMSRecord{
			DeviceID: row.text("device_id"), FromICCID: row.text("from_iccid"), ToICCID: row.text("to_iccid"), FromPhone: filler(row.text("send_msisdn")),
			ToPhone: filler(row.text("rec_msisdn")), Type: row.text("sms_type"), At: parseStatedTime(row.text("timestamp")), Report: DeliveryReport(row.text("send_status")),
		})
	}
	return p, nil
}

// TimeOf reads a time as the CMP wrote it, for those who kept its text.
func TimeOf(raw string) Time { return parseTime(raw) }

func dayText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}
