package audit

// Action names what was done, as noun.verb.
type Action string

// The vocabulary of the log.
const (
	SessionLogin       Action = "session.login"
	SessionLoginFailed Action = "session.login_failed"
	SessionLogout      Action = "session.logout"
	SessionRevoke      Action = "session.revoke"
	AccessDenied       Action = "access.denied"
	Search             Action = "search"
	DeviceView         Action = "device.view"
	DeviceList         Action = "device.list"
	DeviceRefresh      Action = "device.refresh"
	DeviceLabel        Action = "device.label"
	DeviceUnlabel      Action = "device.unlabel"
	DeviceNote         Action = "device.note"
	DeviceNoteEdit     Action = "device.note_edit"
	DeviceNoteRemove   Action = "device.note_remove"
	DeviceColumns      Action = "device.columns"
	DeviceExport       Action = "device.export"
	SelectionCreate    Action = "selection.create"
	SelectionPick      Action = "selection.pick"
	SelectionAsk       Action = "selection.ask"
	SelectionAnnotate  Action = "selection.annotate"
	ViewSave           Action = "view.save"
	ViewChange         Action = "view.change"
	ViewDelete         Action = "view.delete"
	PackageRefresh     Action = "package.refresh"
	OrderView          Action = "order.view"
	OrderList          Action = "order.list"
	OrderOpen          Action = "order.open"
	OrderPause         Action = "order.pause"
	OrderRestart       Action = "order.restart"
	OrderCancel        Action = "order.cancel"
	OrderEnd           Action = "order.end"
	OrderCreate        Action = "order.create"
	OrderSettled       Action = "order.settled"
	OrderConfirmed     Action = "order.confirmed"
	SMSSend            Action = "sms.send"
	SMSReveal          Action = "sms.reveal"
	SMSSettled         Action = "sms.settled"
	SMSTemplate        Action = "sms.template"
	SMSRead            Action = "sms.read"
	PushOrder          Action = "push.order"
	PushReport         Action = "push.report"
	PushList           Action = "push.list"
	PushView           Action = "push.view"
	PushReplay         Action = "push.replay"
	PushTest           Action = "push.test"
	PushToken          Action = "push.token"
	IMEIBind           Action = "imei.bind"
	IMEIUnbind         Action = "imei.unbind"
	IMEISettled        Action = "imei.settled"
	DoubtTask          Action = "doubt.task"
	DoubtView          Action = "doubt.view"
	AuditExport        Action = "audit.export"
	AuditAccept        Action = "audit.accept"
	AuditKey           Action = "audit.key"
	AuditRedact        Action = "audit.redact"
	SystemStart        Action = "system.start"
	SystemStop         Action = "system.stop"
	SystemView         Action = "system.view"
	SystemReadOnly     Action = "system.read_only"
	SystemWritable     Action = "system.writable"
	SyncStart          Action = "sync.start"
	SyncStop           Action = "sync.stop"
	AuditView          Action = "audit.view"
	UserCreate         Action = "user.create"
	UserPassword       Action = "user.password"
)

// Actions lists the vocabulary in the order in which a filter offers it.
func Actions() []Action {
	return []Action{
		SessionLogin, SessionLoginFailed, SessionLogout, SessionRevoke, AccessDenied,
		Search, DeviceView, DeviceList, DeviceRefresh, DeviceLabel, DeviceUnlabel, DeviceNote, DeviceNoteEdit, DeviceNoteRemove, DeviceColumns, DeviceExport, SelectionCreate, SelectionPick, SelectionAsk, SelectionAnnotate,
		ViewSave, ViewChange, ViewDelete, PackageRefresh,
		OrderView, OrderList, OrderOpen, OrderPause, OrderRestart, OrderCancel, OrderEnd, OrderCreate, OrderSettled, OrderConfirmed,
		SMSSend, SMSReveal, SMSSettled, SMSTemplate, SMSRead, PushOrder, PushReport, PushList, PushView, PushReplay, PushTest, PushToken, IMEIBind, IMEIUnbind, IMEISettled, DoubtTask, DoubtView,
		AuditView, AuditExport, AuditAccept, AuditRedact, AuditKey, SystemStart, SystemStop, SystemView, SystemReadOnly, SystemWritable, SyncStart, SyncStop,
		UserCreate, UserPassword,
	}
}
