package templates_test

import (
	"fmt"
	"maps"

	"github.com/a-h/templ"

	"cmpconsole/web/templates"
	"cmpconsole/web/templates/ui"
)

const (
	deviceID = "89852024031900012345"
	orderID  = "ORDER_20240402101533871"
	hostile  = `"><script>alert(1)</script><img src=x onerror=alert(1)> javascript:alert(1) '`
)

func moment(text string) ui.Moment {
	return ui.Moment{Text: text, Exact: "2026-11-23 12:06:31 CST (UTC+08:00)", Machine: "2026-11-23T04:06:31Z"}
}

func status(value string) ui.Badge {
	b := map[string]ui.Badge{
		"1": {Icon: "circle-dashed", Word: "Not enabled"},
		"2": {Icon: "circle-check", Word: "In use", Tone: "good"},
		"3": {Icon: "circle-stop", Word: "Ended or cancelled"},
		"5": {Icon: "circle-pause", Word: "Suspended", Tone: "warn"},
	}[value]
	b.Hook, b.Value = "status", value
	return b
}

func outcome(value string) ui.Badge {
	b := map[string]ui.Badge{
		"ok":       {Icon: "circle-check", Word: "Done", Tone: "good"},
		"rejected": {Icon: "circle-x", Word: "Rejected", Tone: "bad"},
		"unknown":  {Icon: "circle-help", Word: "Outcome unknown", Tone: "bad"},
		"not_sent": {Icon: "ban", Word: "Not sent", Tone: "warn"},
	}[value]
	b.Hook, b.Value = "outcome", value
	return b
}

func lifecycle() ui.Badge {
	return ui.Badge{Icon: "activity", Word: "Usage", Tone: "info", Hook: "lifecycle", Value: "2"}
}

func frame(title, current string, crumbs ...templates.Crumb) templates.Page {
	nav := []templates.NavItem{
		{Icon: "house", Label: "Home", Href: "/", Phone: true},
		{Icon: "cpu", Label: "Devices", Href: "/devices", Phone: true},
		{Icon: "shopping-cart", Label: "Orders", Href: "/orders", Phone: true},
		{Section: "Record", Icon: "scroll-text", Label: "Audit log", Href: "/audit", Phone: true},
	}
	for i := range nav {
		nav[i].Current = nav[i].Href == current
	}
	return templates.Page{
		Title: title, Demo: true, User: &templates.User{Name: "support", Initials: "SU", Roles: "Support"}, CSRF: "form-token", Nav: nav, Crumbs: crumbs,
		Health: []templates.Signal{{Tone: "good", Text: "CMP 84 ms", Title: "Last answer 12:06:31"}}, Zone: "Asia/Shanghai",
	}
}

func panel() templates.ActionPanel {
	return templates.ActionPanel{OrderID: orderID, OrderHref: "/orders/" + orderID, Package: "全球流量包 50GB / 365天", Items: []templates.Action{
		{Icon: "play", Label: "Open", Why: "Only an order that is not enabled can be opened; this one is in use."},
		{Icon: "pause", Label: "Pause", Href: "/orders/" + orderID + "/pause", Why: "Service stops until restarted. Running sessions may last a few minutes."},
		{Icon: "rotate-ccw", Label: "Restart", Why: "Only a suspended order can be restarted."},
		{Icon: "ban", Label: "Cancel", Why: "Only before an order has started."},
		{Icon: "circle-stop", Label: "End early", Href: "/orders/" + orderID + "/end", Why: "Final: what is left of the package is lost."},
	}}
}

func orderRows() []templates.OrderRow {
	row := func(id, name, st, period string, used ui.Meter) templates.OrderRow {
		return templates.OrderRow{ID: id, Href: "/orders/" + id, Package: name, DeviceID: deviceID, DeviceHref: "/devices/" + deviceID, Status: status(st), Used: used, Period: period, Ordered: moment("19 Mar 2026")}
	}
	return []templates.OrderRow{
		row(orderID, "全球流量包 50GB / 365天", "2", "19 Mar 2026 – 19 Mar 2027", ui.Meter{Known: true, Percent: 63, Text: "63 %"}),
		row("ORDER_20261101090211044", "Europe 10 GB monthly", "1", "", ui.Meter{}),
		row("ORDER_20260801160440220", "亚太地区超长名称测试流量套餐（含中国大陆、香港、澳门、台湾、日本、韩国）30GB / 180天 自动续订版", "5", "1 Aug 2026 – 28 Jan 2027", ui.Meter{Known: true, Percent: 100, Text: "113 %", Tone: "bad"}),
		row("ORDER_20230319160440220", "Asia 3 GB / 30 days", "3", "19 Mar 2023 – 18 Apr 2023", ui.Meter{Known: true, Percent: 100, Text: "100 %", Tone: "done"}),
	}
}

func activity() []templates.ActivityRow {
	return []templates.ActivityRow{
		{At: moment("11:58:02"), Who: "support", What: "Pause", Reason: "lost device, ticket 48213", OrderID: orderID, OrderHref: "/orders/" + orderID, Href: "/audit/812", Outcome: ui.Badge{Icon: "circle-check", Word: "Done", Plain: true}},
		{At: moment("09:14:40"), Who: "anna.k", What: "Restart", Reason: "customer paid, ticket 48213", OrderID: orderID, OrderHref: "/orders/" + orderID, Href: "/audit/799", Outcome: ui.Badge{Icon: "circle-help", Word: "Outcome unknown", Tone: "bad"}},
		{At: moment("20 Nov 2026, 16:22"), Who: "maria.d", What: "Open", Reason: "新客户开通，合同编号 2026-1188", OrderID: "ORDER_20240402101533871", Outcome: ui.Badge{Icon: "circle-x", Word: "Rejected", Tone: "bad"}},
	}
}

func current() *templates.CurrentPackage {
	return &templates.CurrentPackage{Name: "全球流量包 50GB / 365天", Used: "31.5 GB", Of: "50 GB", Left: "18.5 GB left, ends in 116 days", Total: "84.2 GB over the whole order",
		Meter: ui.Meter{Known: true, Percent: 63, Text: "63 %"}, OrderID: orderID, OrderHref: "/orders/" + orderID, Starts: moment("19 Mar 2026, 00:00"), Ends: moment("19 Mar 2027, 23:59")}
}

func device() templates.Device {
	inUse := status("2")
	return templates.Device{
		Head:    templates.DeviceHead{ID: deviceID, RefreshAction: "/devices/" + deviceID + "/refresh", CSRF: "form-token", Lifecycle: lifecycle(), Status: &inUse, Read: moment("12:06:31 CST")},
		Meaning: "In regular use.", Next: "Usage until 19 Mar 2027 (in 116 days), then suspended service. Suspended service lasts 2 months, and disposal begins after about 19 May 2027.", Current: current(), Orders: orderRows(), Actions: panel(), Activity: activity(),
		Stages: []templates.Stage{{Name: "Inventory", State: "past", Tag: "inferred", Lines: []string{"passed"}}, {Name: "Silent", State: "past", Tag: "inferred", Lines: []string{"until 2 Apr 2024"}}, {Name: "Usage", State: "now", Lines: []string{"since 2 Apr 2024", "until 19 Mar 2027", "in 116 days"}},
			{Name: "Suspended service", Tag: "expected", Lines: []string{"after 19 Mar 2027", "for 2 months"}}, {Name: "Disposal", Tag: "expected", Lines: []string{"after about 19 May 2027"}}},
		StageFacts: []templates.Fact{{Name: "Silent period", Value: "12 months"}, {Name: "Suspended service", Value: "2 months"}},
		Identity: []templates.Fact{{Name: "Device id", Value: deviceID, ID: true}, {Name: "Bound IMEI", Value: "860996043052016", ID: true, Read: new(moment("11:58:02"))}, {Name: "Main ICCID", Value: "89852024031900012345", ID: true}, {Name: "MSISDN", Value: "8613900012345", ID: true},
			{Name: "IMSI", Value: "454061234567890", ID: true}, {Name: "OTA", Value: "No"}, {Name: "Multi-IMSI", Value: "Yes"}, {Name: "Partner", Value: "新加坡环球通讯有限公司 SG00000010"}},
	}
}

func deviceList() templates.DeviceList {
	l := templates.DeviceList{
		Views: templates.ViewMenu{Own: []templates.Link{{Label: "Expiring", Href: "/devices?view=v1", Current: true}}, Shared: []templates.Link{{Label: "Suspended (manager)", Href: "/devices?view=v2"}}, SaveHref: "/devices/views/new", AllHref: "/devices/views", Lost: "The view of this address is no longer there.", Open: &templates.OpenView{Name: "Expiring", Owner: "yours alone", Changed: true, ResetHref: "/devices?view=v1", EditHref: "/devices/views/v1", Replace: "/devices/views/v1/replace", CSRF: "x", Query: "status=2"}}, Total: 2314, AsOf: moment("12:06:31"), Filtered: true, ColumnsHref: "/devices/columns", Bulk: templates.DeviceBulk{Action: "/devices/select", CSRF: "x", All: "2,314", More: "the ticked, and more on the next page", Ticked: "12 devices", TickedHref: "/devices?in=y", ForgetHref: "/devices", Kept: []string{deviceID}, AnnotateHref: "/devices/annotate?in=x", Devices: "312 devices"}, CSVHref: "/devices/export?format=csv", CSVExcelHref: "/devices/export?format=csv-excel", XLSXHref: "/devices/export?format=xlsx", Pager: ui.Pager{From: "51", To: "100", Total: "2,314", PreviousHref: "/devices?before=x", NextHref: "/devices?after=y"},
		Chips: []templates.Chip{{Name: "Lifecycle", Value: "Usage", Href: "/devices"}, {Name: "Number", Value: "0319", Href: "/devices", ID: true}},
		Bar:   templates.DeviceBar{Part: "0319", More: true, Labels: []string{"pilot"}, Lifecycles: []templates.Option{{Label: "Any stage"}, {Value: "2", Label: "Usage", Selected: true}}},
		Columns: []ui.Column{{Title: "Device", SortHref: "/devices?sort=id"}, {Title: "Lifecycle", Phone: "low", OnPhone: true}, {Title: "Package", Class: "grow", Phone: "across", OnPhone: true}, {Title: "Status", Phone: "low-end", OnPhone: true},
			{Title: "Used", Phone: "first", OnPhone: true, SortHref: "/devices?sort=used"}, {Title: "Expires", SortHref: "/devices?sort=-expires", Sorted: "ascending"}, {Title: "MSISDN", Class: "mid"}, {Title: "Labels", Class: "roomy"}},
	}
	states := []string{"2", "2", "5", "1", "3", ""}
	names := []string{"全球流量包 50GB / 365天", "Europe 10 GB monthly", "亚太地区超长名称测试流量套餐（含中国大陆、香港、澳门、台湾、日本、韩国）30GB / 180天", "Silent 12 months, 1 GB", "Asia 3 GB / 30 days", ""}
	meters := []ui.Meter{{Known: true, Percent: 63, Text: "63 %"}, {Known: true, Percent: 91, Text: "91 %", Tone: "warn"}, {Known: true, Percent: 100, Text: "113 %", Tone: "bad"}, {}, {Known: true, Percent: 100, Text: "100 %", Tone: "done"}, {}}
	cycles := []ui.Badge{lifecycle(), {Icon: "moon", Word: "Silent", Hook: "lifecycle", Value: "1"}, {Icon: "circle-pause", Word: "Suspended service", Tone: "warn", Hook: "lifecycle", Value: "3"}, {Icon: "archive", Word: "Inventory", Hook: "lifecycle", Value: "0"}, {Icon: "ban", Word: "Disposal", Tone: "bad", Hook: "lifecycle", Value: "4"}}
	for i := range 24 {
		id := fmt.Sprintf("898520240319000%05d", 12345+7*i)
		row := ui.Row{ID: id, Href: "/devices/" + id, Cells: []ui.Cell{{Badge: &cycles[i%5]}, {Text: names[i%6]}, {}, {Meter: meters[i%6]}, {Moment: moment("19 Mar 2027")}, {ID: "8613900012345"}, {Tags: []ui.Tag{{Text: "pilot", Href: "/devices?label=pilot"}}}}}
		if st := states[i%6]; st != "" {
			b := status(st)
			row.Cells[2] = ui.Cell{Badge: &b}
		}
		if i == 2 {
			row.Mark, row.Note = ui.Badge{Icon: "ban", Word: "gone", Tone: "bad", Plain: true}, moment("3 Jan 2026")
		}
		row.Renew = row.Href + "/refresh"
		if i < 2 {
			row.Said = []ui.Said{{Text: "Confirmed 12:06:31", Tone: "good"}, {Text: "Not refreshed. The CMP is too slow.", Tone: "bad"}}[i]
		}
		l.Rows = append(l.Rows, row)
	}
	return l
}

func deviceColumns() templates.DeviceColumns {
	return templates.DeviceColumns{Action: "/devices/columns", CSRF: "x", BackHref: "/devices", Columns: []templates.Option{{Value: "lifecycle", Label: "Lifecycle", Selected: true}, {Value: "imei", Label: "Bound IMEI"}}}
}

func orderList() templates.OrderList {
	return templates.OrderList{
		Device: deviceID, Statuses: statuses(), Filtered: true, Rows: orderRows(), Total: 4, Read: moment("12:06:31 CST"), Note: "The CMP matches device ids in part; only exact ones are shown.",
		Pager: ui.Pager{From: "1", To: "4", Total: "4"}, Chips: []templates.Chip{{Name: "Device", Value: deviceID, Href: "/orders?status=2", ID: true}, {Name: "Status", Value: "In use", Href: "/orders?device=" + deviceID}},
	}
}

func reachedSteps() []templates.Reached {
	at := moment("12:06:31")
	return []templates.Reached{{Icon: "circle-check", Word: "Requested", At: &at}, {Icon: "circle-check", Word: "Accepted by the CMP", At: &at}, {Icon: "circle-dashed", Word: "Confirmed", Note: "the order has not been read so yet"}}
}

func statuses() []templates.Option {
	return []templates.Option{{Value: "", Label: "Any"}, {Value: "1", Label: "Not enabled"}, {Value: "2", Label: "In use", Selected: true}, {Value: "3", Label: "Ended or cancelled"}, {Value: "5", Label: "Suspended"}}
}

func order(result string) templates.Order {
	o := templates.Order{ID: orderID, Package: "全球流量包 50GB / 365天", DeviceID: deviceID, DeviceHref: "/devices/" + deviceID, Meaning: "Started: the device may use data until the quota or the period ends.",
		Status: status("2"), Current: current(), Actions: panel(), History: activity(), Read: moment("12:06:31 CST"),
		Facts: []templates.Fact{{Name: "Package code", Value: "P-50GB-365", ID: true}, {Name: "Type", Value: "Data package"}, {Name: "Bought", Value: "single purchase"}, {Name: "Supplier", Value: "CMHK"}, {Name: "IMSI", Value: "454061234567890", ID: true}, {Name: "MSISDN", Value: "8613900012345", ID: true}}}
	results := map[string]templates.ActionResult{
		"ok":       {Tone: "good", Title: "Paused. The CMP accepted it.", Text: "The status above has been read after the change. The CMP may take some minutes to carry it out in the network.", Reached: reachedSteps()},
		"rejected": {Tone: "bad", Title: "The CMP rejected this. Nothing was changed.", Text: "Its own words stand below. Check the status above before trying again.", Code: "1002", Message: "订单状态不允许此操作 (order status does not allow this)"},
		"unknown":  {Tone: "bad", Title: "Outcome unknown: the answer was lost.", Text: "The change may have happened or not. It is never sent again by itself. We keep reading the order until its status tells; until then no other change of this order is possible.", LookHref: "/orders/" + orderID},
		"not_sent": {Tone: "warn", Title: "This was not sent. Nothing was changed.", Text: "No connection to the CMP could be made. Try again in a moment."},
		"settled":  {Tone: "good", Title: "The answer was lost, and reads have settled it.", Text: "The CMP shows the order as suspended.", Settled: "Effect seen at 12:07:40: the pause has taken effect."},
	}
	if r, ok := results[result]; ok {
		value := result
		if value == "settled" {
			value = "unknown"
		}
		r.Badge, r.Who, r.Reason, r.At, r.Took, r.AuditHref = outcome(value), "support", "lost device, ticket 48213", moment("12:06:31"), "answered in 388 ms", "/audit/812"
		o.Result = &r
	}
	if result == "unknown" {
		o.Actions.Note = "The outcome of the last change is not known yet. No other change is possible until reads have settled it."
	}
	return o
}

func preflight(mistaken bool) templates.Preflight {
	p := templates.Preflight{Verb: "end", Title: "End this order early", OrderID: orderID, OrderHref: "/orders/" + orderID, DeviceID: deviceID, DeviceHref: "/devices/" + deviceID,
		Status: status("2"), Now: status("2"), After: status("3"), NowText: "全球流量包 50GB / 365天", AfterText: "service stops for good", Read: moment("12:06:31 CST"),
		Final:  &templates.Notice{Tone: "warn", Title: "This is final.", Text: "What remains (18.5 GB left, ends in 116 days) is lost, and the order cannot be opened again. To stop service for a while, pause it instead.", Href: "/orders/x/pause", Link: "Pause it"},
		Checks: []templates.Check{{State: "yes", Text: "The order is in use; to end early it must be in use", Note: "12:06:31 CST"}, {State: "yes", Text: "No other change of this order is waiting or unknown"}, {State: "yes", Text: "Your role allows it", Note: "Support"}, {State: "hmm", Text: "A session was live 8 minutes ago; the device will lose service"}},
		Form: &templates.ActionForm{Post: "/orders/" + orderID + "/end", CSRF: "form-token", ActionID: "action-1", AskConfirm: true, LastDigits: "2345", Button: "End the order", Icon: "circle-stop", Keep: "Keep it as it is", KeepHref: "/orders/" + orderID, Danger: true,
			DeviceTypes: []templates.Option{{Value: "", Label: "Not stated"}, {Value: "4", Label: "IoT card"}}}}
	if mistaken {
		p.Form.Reason, p.Form.Confirm = "Customer returned the unit, ticket 48213", "2354"
		p.Form.ConfirmError = "Type the last four characters of the device id shown above. These are not them: is this the right device?"
		p.Error = &templates.Notice{Tone: "warn", Title: "Not sent.", Text: "The order has changed since this page was shown. Look at it and confirm again."}
	}
	return p
}

func auditRows() []templates.AuditRow {
	row := func(seq, who, action, phase string, o ui.Badge, reason string) templates.AuditRow {
		r := templates.AuditRow{Seq: seq, Href: "/audit/" + seq, At: moment("12:07:14"), Who: who, Action: action, Phase: phase, Outcome: o, Reason: reason}
		if phase != "event" || action == "device.view" {
			r.Device, r.DeviceHref = deviceID, "/devices/"+deviceID
		}
		if phase != "event" {
			r.Order, r.OrderHref = orderID, "/orders/"+orderID
		}
		return r
	}
	done := ui.Badge{Icon: "circle-check", Word: "Done", Plain: true}
	return []templates.AuditRow{
		row("1204811", "support", "order.end", "outcome", ui.Badge{Icon: "circle-help", Word: "Outcome unknown", Tone: "bad"}, "Customer returned the unit, ticket 48213"),
		row("1204810", "support", "order.end", "intent", ui.Badge{}, "Customer returned the unit, ticket 48213"),
		row("1204809", "support", "device.view", "event", done, ""),
		row("1204808", "support", "access.denied", "event", ui.Badge{Icon: "ban", Word: "Denied", Tone: "bad"}, ""),
		row("1204807", "anna.k", "order.restart", "outcome", done, "客户已付款，恢复服务，工单 48213，一个非常长的原因说明需要在表格里被截断"),
		row("1204806", "anna.k", "session.login", "event", done, ""),
	}
}

func auditList() templates.AuditList {
	return templates.AuditList{NotesHref: "/audit/checkpoint?part=note", KeysHref: "/audit/checkpoint?part=key", Quick: []templates.Link{{Label: "Everybody", Href: "/audit"}, {Label: "My actions", Href: "/audit?actor=support", Current: true}, {Label: "My actions today", Href: "/audit?actor=support&from=2026-11-23"}}, Actor: "support", Actions: []templates.Option{{Label: "Any"}, {Value: "order.end", Label: "order.end"}}, Outcomes: []templates.Option{{Label: "Any"}, {Value: "unknown", Label: "unknown"}},
		Filtered: true, Rows: auditRows(), Total: 1204811, Chain: ui.Badge{Icon: "shield-check", Word: "Chain intact", Tone: "good", Plain: true}, OlderHref: "/audit?before=1204806", Chips: []templates.Chip{{Name: "Who", Value: "support", Href: "/audit"}}}
}

func home() templates.Home {
	return templates.Home{
		Greeting: "Good morning, support", Order: "Doubts and failures come first, for support", MineHref: "/audit", TodayHref: "/audit?from=2026-11-23", Mine: activity(), Doubts: activity()[1:2],
		Copy: &templates.Notice{Tone: "warn", Title: "The fleet cannot be read at present.", Text: "The CMP has failed 3 times since 11:02:09.", Href: "/sync", Link: "Look at the sync"},
		Work: [][]templates.WorkGroup{
			{{ID: "a", Title: "Doubts and failures", Read: moment("12:06:31"), Items: []templates.WorkItem{
				{Icon: "circle-help", Tone: "bad", Label: "Outcome unknown", Note: "answer lost, being settled by reads", Count: "1", Href: "#doubts"},
				{Icon: "circle-alert", Tone: "calm", Label: "To settle by hand", Note: "reads cannot tell", Count: "0"},
			}}},
			{{ID: "b", Title: "Quota, expiry and service", Read: moment("11:02:09"), Items: []templates.WorkItem{
				{Icon: "circle-x", Tone: "warn", Label: "Over quota", Note: "100 % and more", Count: "1,204", Href: "/devices?used=100"}, {Icon: "clock", Tone: "calm", Label: "Expire within 7 days", Count: "0", Href: "/devices?expires=7d"},
			}}},
		},
		Fleet:   templates.Fleet{Devices: 2314, Read: moment("11:02:09"), Ages: "The CMP told of these devices between 11:02:09 and 12:04:00.", Table: split(), Gone: "3 devices", GoneHref: "/devices?gone=yes"},
		Systems: []templates.Fact{{Name: "CMP", Value: "answers in 84 ms"}, {Name: "Audit", Value: "chain intact"}, {Name: "Rows", Value: "1,204,811"}},
	}
}

func lifecyclePages() map[string]page {
	l := templates.Lifecycle{
		Partners: []templates.Option{{Label: "All"}, {Value: "SG00000010", Label: "新加坡环球通讯有限公司 · SG00000010 (2,314)", Selected: true}}, Packages: []templates.Option{{Label: "All"}, {Value: "P-50GB-365", Label: "全球流量包 50GB / 365天 · P-50GB-365 (12)"}},
		Chips: []templates.Chip{{Name: "Partner", Value: "SG00000010", Href: "/lifecycle"}}, Months: "24", Spans: []templates.Link{{Label: "12 months", Href: "/lifecycle"}, {Label: "24 months", Href: "/lifecycle?months=24", Current: true}},
		Known: true, Devices: 2314, Read: moment("11:02:09"), Ages: "The CMP told of these devices between 11:02:09 and 12:04:00.", Zone: "zone not stated", Stages: split(), Endings: split(), Expiries: split(),
	}
	return map[string]page{
		"lifecycle": {frame("Lifecycle", "/lifecycle"), templates.LifecyclePage(l)}, "lifecycle-empty": {frame("Lifecycle", "/lifecycle"), templates.LifecyclePage(templates.Lifecycle{Copy: home().Copy})},
		"lifecycle-none": {frame("Lifecycle", "/lifecycle"), templates.LifecyclePage(templates.Lifecycle{Known: true})},
	}
}

func split() ui.SplitTable {
	t := ui.SplitTable{Label: "Devices by stage and status", First: "Stage", Total: "Devices", Columns: []ui.SplitColumn{{Word: "In use", Tone: "good"}, {Word: "Suspended", Tone: "warn"}, {Word: "No order"}}}
	figures := [][]int{{1204, 90, 20}, {1000, 0, 0}}
	for i, badge := range []ui.Badge{lifecycle(), {Icon: "moon", Word: "Silent", Hook: "lifecycle", Value: "1"}} {
		row := ui.SplitRow{Badge: badge, Total: ui.SplitCell{Text: "1,314", Label: "1,314 devices", Href: "/devices?lifecycle=2"}, Parts: ui.SplitParts(figures[i], t.Columns, 1314), Quiet: i == 1}
		for _, n := range []string{"1,204", "90", "0"} {
			row.Cells = append(row.Cells, ui.SplitCell{Text: n, Label: n + " devices", Href: "/devices?status=2"})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func login() templates.Login {
	return templates.Login{Error: "", Next: "/orders/x/end", Kept: "reason=x", Typed: "Customer returned the unit", Note: &templates.Notice{Tone: "warn", Title: "Your session has ended.", Text: "Sign in again to go on where you were."},
		Demo: []string{"support", "manager", "auditor", "admin"}, DemoPassword: "demo-console-2026"}
}

func trouble() templates.ErrorPage {
	return templates.ErrorPage{Status: 502, Title: "The CMP said no", Message: "It understood the request and refused it. Its own words stand below.", Code: "1002", Said: "参数错误: device_id 不存在", Ref: "01JDC3X7T5ZK9V4M2Q", BackHref: "/devices", BackText: "Devices", RetryHref: "/devices/x"}
}

func doubt(task bool) templates.Doubt {
	d := templates.Doubt{Title: "Outcome of: Pause this order", OrderID: orderID, OrderHref: "/orders/" + orderID, DeviceID: deviceID, DeviceHref: "/devices/" + deviceID, Result: *order("unknown").Result,
		Known: []templates.Fact{{Name: "Before", Value: "In use"}, {Name: "Now", Value: "Ended or cancelled", Note: "read just now"}}}
	if !task {
		d.Waiting = &templates.Notice{Title: "Nobody has to do anything yet.", Text: "The console reads what became of this by itself."}
		return d
	}
	d.Error = &templates.Notice{Tone: "bad", Title: "Nothing was settled.", Text: "The database did not take it."}
	d.Form = &templates.DoubtForm{Post: "/doubts/A1", CSRF: "form-token", Verdicts: []templates.Option{{Label: "Choose…", Selected: true}, {Value: "effect_absent", Label: "It did not take effect"}},
		VerdictError: "Choose what became of the change.", Reason: "INC-7", ReasonError: "Say why.", AskedAt: moment("12:31")}
	return d
}

// page is one sample page of the storybook.
type page struct {
	frame templates.Page
	body  templ.Component
}

// pages are one sample of every page, and of every state that looks different.
func pages() map[string]page {
	devices := templates.Crumb{Label: "Devices", Href: "/devices"}
	this := templates.Crumb{Label: deviceID, ID: true}
	orders := templates.Crumb{Label: "Orders", Href: "/orders"}
	thisOrder := templates.Crumb{Label: orderID, Href: "/orders/" + orderID, ID: true}
	waiting := templates.Device{Head: device().Head, Actions: templates.ActionPanel{Note: "There is no order on this device that anything could be done to."}, OrdersFail: &templates.Notice{Tone: "warn", Title: "The orders could not be read.", Text: "It did not answer in time. Nothing was changed; try again in a moment."}}
	refused := preflight(false)
	refused.Form, refused.Final, refused.Refused = nil, nil, &templates.Notice{Tone: "warn", Title: "This cannot be done now.", Text: "The order has ended.", Href: "/orders/" + orderID, Link: "Back to the order"}
	refused.Checks[0].State = "no"
	partly := auditList()
	partly.Total, partly.More, partly.Text = 10_000, true, "ticket"
	partly.TextNote = templates.Notice{Tone: "info", Title: "Texts are still being read in.", Text: "So far they are found in rows from 1,114,113 on, of 2 Nov 2026, 09:14:07 CST and later. An export holds older ones too, and takes its time."}
	out := templates.Page{Title: "Sign in", Demo: true}
	wrong := templates.Login{Username: "support", Error: "That user name and password do not go together."}
	all := map[string]page{
		"home": {frame("Home", "/"), templates.HomePage(home())}, "home-empty": {frame("Home", "/"), templates.HomePage(templates.Home{Greeting: "Good evening, anna.k"})},
		"devices": {frame("Devices", "/devices"), templates.Devices(deviceList())}, "columns": {frame("Columns", "/devices"), templates.DeviceColumnsPage(deviceColumns())}, "many": {frame("Look up many", "/search"), templates.ManyPage(many())}, "selection": {frame("Selection", "/search"), templates.SelectionPage(selection())}, "devices-wrong": {frame("Devices", "/devices"), templates.Devices(templates.DeviceList{Wrong: "Used: write a percentage."})}, "views": {frame("Views", "/devices"), templates.ViewsPage(templates.ViewTable{AsOf: moment("09:12:04"), Rows: []templates.ViewRow{{ID: "v1", Name: "Expiring", Href: "/devices?view=v1", ViewShown: templates.ViewShown{AsOf: moment("09:12:04"), Filters: "Order expires within 30 days", Devices: "312"}, Owner: "yours alone", Changed: moment("12:06"), EditHref: "/devices/views/v1"}, {ID: "v2", Name: "Old", Href: "/devices?view=v2", ViewShown: templates.ViewShown{Filters: "Selection x", Wrong: "There is no such selection."}, Owner: "shared by manager", Changed: moment("12:06")}}})}, "views-empty": {frame("Views", "/devices"), templates.ViewsPage(templates.ViewTable{})}, "view": {frame("Change a view", "/devices"), templates.ViewFormPage(templates.ViewForm{Title: "Change a view", Post: "/devices/views/v1", DeleteHref: "/devices/views/v1/delete", BackHref: "/devices/views", Name: "Expiring", Error: "There is a view “Expiring” already.", ViewShown: templates.ViewShown{AsOf: moment("09:12:04"), Filters: "Order expires within 30 days", Devices: "312", Wrong: "Used: write a percentage."}, MayShare: true, Shared: true})}, "annotate": {frame("Label or note", "/devices"), templates.AnnotatePage(templates.Annotate{Selection: "All 312 that matched", Devices: "312 devices", Known: []string{"pilot"}, Error: "A label cannot have a comma in it."})}, "annotate-changes": {frame("Label or note", "/devices"), templates.AnnotatePage(templates.Annotate{Selection: "All 312 that matched", Devices: "312 devices", Label: "pilot", Note: "Moved to the new depot.", Changes: []string{"The label “pilot” is put on 300 devices. 12 have it already."}})}, "annotation-going": {frame("Label or note", "/devices"), templates.AnnotationPage(annotationGoing())}, "annotation-left": {frame("Label or note", "/devices"), templates.AnnotationPage(annotationLeft())}, "devices-empty": {frame("Devices", "/devices"), templates.Devices(templates.DeviceList{})},
		"device": {frame("Device "+deviceID, "/devices", devices, this), templates.DeviceOverview(device())}, "device-bare": {frame("Device", "/devices", devices, this), templates.DeviceOverview(waiting)},
		"orders": {frame("Orders", "/orders"), templates.Orders(orderList())}, "orders-empty": {frame("Orders", "/orders"), templates.Orders(templates.OrderList{Device: "12", DeviceError: "A device id has 10 to 32 letters or digits.", Filtered: true, Statuses: statuses()})},
		"preflight": {frame("End early", "/orders", orders, thisOrder, templates.Crumb{Label: "End early"}), templates.PreflightPage(preflight(false))}, "preflight-error": {frame("End early", "/orders", orders, thisOrder), templates.PreflightPage(preflight(true))}, "preflight-refused": {frame("End early", "/orders", orders, thisOrder), templates.PreflightPage(refused)},
		"audit":        {frame("Audit log", "/audit"), templates.AuditPage(auditList())},
		"audit-mine":   {frame("My actions", "/audit"), templates.AuditPage(templates.AuditList{Mine: true, Quick: []templates.Link{{Label: "All my actions", Href: "/audit", Current: true}, {Label: "Today", Href: "/audit?from=2026-11-23"}}})},
		"audit-partly": {frame("Audit log", "/audit"), templates.AuditPage(partly)}, "audit-short": {frame("Audit log", "/audit"), templates.AuditPage(templates.AuditList{Filtered: true, Text: "or", TextError: "The text to look for needs at least three letters or digits, or one Chinese character."})},
		"usage": {frame("Usage of "+deviceID, "/devices", devices, this), templates.UsagePage(usage())},
		"login": {out, templates.LoginPage(login())}, "login-error": {out, templates.LoginPage(wrong)},
		"order-unread": {frame("Order", "/orders", devices), templates.UnreadOrderPage(templates.UnreadOrder{ID: orderID, Result: *order("unknown").Result, Trouble: trouble()})},
		"doubt":        {frame("Outcome", "/"), templates.DoubtPage(doubt(true))}, "doubt-waiting": {frame("Outcome", "/"), templates.DoubtPage(doubt(false))},
		"error": {frame("Error", "/", devices), templates.ErrorBody(trouble())}, "error-404": {frame("Not found", "/"), templates.ErrorBody(templates.ErrorPage{Status: 404, Title: "Not found", Message: "There is no page at this address. Look for the device or order in the box above.", Ref: "01JDC3X7T5", BackHref: "/", BackText: "Home"})},
	}
	maps.Copy(all, notebookPages())
	maps.Copy(all, lifecyclePages())
	maps.Copy(all, syncPages())
	maps.Copy(all, searchPages())
	maps.Copy(all, pushPages())
	maps.Copy(all, conversationPages())
	for name, row := range auditDetails() {
		all[name] = page{frame("Row 1204811", "/audit", templates.Crumb{Label: "Audit log", Href: "/audit"}, templates.Crumb{Label: "Row 1204811"}), templates.AuditRowPage(row)}
	}
	for _, result := range []string{"", "ok", "rejected", "unknown", "not_sent", "settled"} {
		all["order"+result] = page{frame("Order", "/orders", orders, templates.Crumb{Label: orderID, ID: true}), templates.OrderPage(order(result))}
	}
	return all
}
