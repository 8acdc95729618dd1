package views

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
)

// handler reads the request, calls one thing and says what to answer; only serve writes the answer.
type handler func(s *Server, c *gin.Context) (response, error)

// route is a row of the one table. Nobody passes without the permission. The audit action of a row that only
// reads is recorded by serve before the answer leaves; a row that changes something records it with the change.
// Home and the lifecycle of the fleet have none: they count, and name only what this console itself acted on.
type route struct {
	method, path string
	permission   auth.Permission
	action       audit.Action
	handler      handler
}

const (
	get  = http.MethodGet
	post = http.MethodPost
)

func routes() []route {
	return []route{
		{get, "/livez", auth.Public, "", (*Server).livez},
		{get, "/readyz", auth.Public, "", (*Server).readyz},

		{post, "/push/:token/order-status", auth.Public, "", (*Server).receiveOrderStatus},
		{post, "/push/:token/sms-mt", auth.Public, "", (*Server).receiveMT},
		{post, "/push/:token/sms-mo", auth.Public, "", (*Server).receiveMO},

		{get, "/login", auth.Public, "", (*Server).newSession},
		{post, "/login", auth.Public, audit.SessionLogin, (*Server).createSession},
		{post, "/logout", auth.SignedIn, audit.SessionLogout, (*Server).endSession},

		{get, "/", auth.DevicesRead, "", (*Server).home},
		{get, "/lifecycle", auth.DevicesRead, "", (*Server).showLifecycle},
		{get, "/search", auth.DevicesRead, audit.Search, (*Server).search},

		{post, "/search", auth.DevicesRead, audit.SelectionCreate, (*Server).createSelection},
		{get, "/selections", auth.DevicesRead, audit.DeviceList, (*Server).listSelections},
		{get, "/selections/:id", auth.DevicesRead, audit.DeviceList, (*Server).showSelection},
		{get, "/selections/:id/export", auth.DevicesExport, audit.DeviceExport, (*Server).exportSelection},
		{get, "/selections/:id/asked", auth.DevicesRead, "", (*Server).showAsked},
		{post, "/selections/:id/ask", auth.DevicesRead, audit.SelectionAsk, (*Server).askForRest},
		{post, "/selections/:id/pick", auth.DevicesRead, audit.SelectionPick, (*Server).pickDevice},

		{get, "/devices", auth.DevicesRead, audit.DeviceList, (*Server).listDevices},
		{get, "/devices/export", auth.DevicesExport, audit.DeviceExport, (*Server).exportDevices},
		{post, "/devices/select", auth.DevicesRead, audit.SelectionCreate, (*Server).selectDevices},
		{get, "/devices/views", auth.DevicesRead, "", (*Server).listViews},
		{get, "/devices/views/new", auth.DevicesRead, "", (*Server).showNewView},
		{post, "/devices/views/new", auth.DevicesRead, audit.ViewSave, (*Server).createView},
		{get, "/devices/views/:view", auth.DevicesRead, "", (*Server).showView},
		{post, "/devices/views/:view", auth.DevicesRead, audit.ViewChange, (*Server).changeView},
		{post, "/devices/views/:view/replace", auth.DevicesRead, audit.ViewChange, (*Server).replaceView},
		{get, "/devices/views/:view/delete", auth.DevicesRead, "", (*Server).confirmDeleteView},
		{post, "/devices/views/:view/delete", auth.DevicesRead, audit.ViewDelete, (*Server).deleteView},
		{get, "/devices/annotate", auth.DevicesNote, audit.DeviceList, (*Server).showAnnotate},
		{post, "/devices/annotate", auth.DevicesNote, audit.SelectionAnnotate, (*Server).annotate},
		{get, "/devices/annotations/:annotation", auth.DevicesNote, audit.DeviceList, (*Server).showAnnotation},
		{post, "/devices/annotations/:annotation/stop", auth.DevicesNote, audit.SelectionAnnotate, (*Server).stopAnnotation},
		{post, "/devices/annotations/:annotation/resume", auth.DevicesNote, audit.SelectionAnnotate, (*Server).resumeAnnotation},
		{get, "/devices/columns", auth.DevicesRead, audit.DeviceList, (*Server).newColumns},
		{post, "/devices/columns", auth.DevicesRead, audit.DeviceColumns, (*Server).chooseColumns},
		{get, "/devices/:id", auth.DevicesRead, audit.DeviceView, (*Server).showDevice},
		{post, "/devices/:id/refresh", auth.DevicesRead, audit.DeviceRefresh, (*Server).refreshDevice},

		{get, "/devices/:id/labels", auth.DevicesNote, audit.DeviceView, (*Server).showLabels},
		{post, "/devices/:id/labels", auth.DevicesNote, audit.DeviceLabel, (*Server).changeLabels},
		{get, "/devices/:id/notes", auth.DevicesRead, audit.DeviceView, (*Server).showNotes},
		{post, "/devices/:id/notes", auth.DevicesNote, audit.DeviceNote, (*Server).createNote},
		{get, "/devices/:id/notes/:note", auth.NotesEdit, audit.DeviceView, (*Server).showNote},
		{post, "/devices/:id/notes/:note", auth.NotesEdit, audit.DeviceNoteEdit, (*Server).changeNote},
		{get, "/labels", auth.DevicesRead, "", (*Server).listLabels},

		{get, "/devices/:id/orders", auth.OrdersRead, audit.DeviceView, (*Server).showDeviceOrders},
		{get, "/devices/:id/activity", auth.DevicesRead, audit.DeviceView, (*Server).showDeviceActivity},
		{get, "/devices/:id/usage", auth.DevicesRead, audit.DeviceView, (*Server).showUsage},
		{get, "/devices/:id/usage/export", auth.DevicesRead, audit.DeviceView, (*Server).exportUsage},
		{get, "/devices/:id/session", auth.DevicesRead, audit.DeviceView, (*Server).showLive},
		{get, "/devices/:id/sms", auth.SMSRead, audit.DeviceView, (*Server).showConversation},
		{get, "/devices/:id/sms/texts", auth.SMSReveal, audit.SMSReveal, (*Server).revealConversation},
		{post, "/devices/:id/sms/read", auth.SMSSend, audit.SMSRead, (*Server).readConversation},
		{get, "/devices/:id/sms/records", auth.DevicesRead, audit.DeviceView, (*Server).showDeviceSMS},
		{get, "/devices/:id/imei", auth.DevicesRead, audit.DeviceView, (*Server).showIMEI},

		{get, "/devices/:id/imei/bind", auth.IMEIBind, audit.DeviceView, (*Server).newBinding},
		{post, "/devices/:id/imei/bind", auth.IMEIBind, audit.IMEIBind, (*Server).createBinding},
		{get, "/devices/:id/imei/unbind", auth.IMEIBind, audit.DeviceView, (*Server).newBinding},
		{post, "/devices/:id/imei/unbind", auth.IMEIBind, audit.IMEIUnbind, (*Server).createBinding},

		{get, "/packages", auth.OrdersRead, "", (*Server).listPackages},
		{post, "/packages/refresh", auth.OrdersRead, audit.PackageRefresh, (*Server).refreshPackages},
		{get, "/packages/:code", auth.OrdersRead, "", (*Server).showPackage},

		{get, "/orders", auth.OrdersRead, audit.OrderList, (*Server).listOrders},
		{get, "/orders/new", auth.OrdersCreate, "", (*Server).newPurchase},
		{post, "/orders/new", auth.OrdersCreate, audit.OrderCreate, (*Server).createPurchase},
		{get, "/orders/batches/:batch", auth.OrdersRead, audit.OrderList, (*Server).showBatch},
		{get, "/orders/:id", auth.OrdersRead, audit.OrderView, (*Server).showOrder},
		{get, "/orders/:id/open", auth.OrdersOpen, audit.OrderView, (*Server).newAction},
		{post, "/orders/:id/open", auth.OrdersOpen, audit.OrderOpen, (*Server).createAction},
		{get, "/orders/:id/pause", auth.OrdersPause, audit.OrderView, (*Server).newAction},
		{post, "/orders/:id/pause", auth.OrdersPause, audit.OrderPause, (*Server).createAction},
		{get, "/orders/:id/restart", auth.OrdersRestart, audit.OrderView, (*Server).newAction},
		{post, "/orders/:id/restart", auth.OrdersRestart, audit.OrderRestart, (*Server).createAction},
		{get, "/orders/:id/cancel", auth.OrdersCancel, audit.OrderView, (*Server).newAction},
		{post, "/orders/:id/cancel", auth.OrdersCancel, audit.OrderCancel, (*Server).createAction},
		{get, "/orders/:id/end", auth.OrdersEnd, audit.OrderView, (*Server).newAction},
		{post, "/orders/:id/end", auth.OrdersEnd, audit.OrderEnd, (*Server).createAction},

		{get, "/sms", auth.SMSRead, audit.DeviceView, (*Server).listSMS},
		{get, "/sms/new", auth.SMSSend, "", (*Server).newSMS},
		{post, "/sms/new", auth.SMSSend, audit.SMSSend, (*Server).createSMS},
		{post, "/sms/templates", auth.SMSSend, audit.SMSTemplate, (*Server).saveTemplate},
		{get, "/sms/:msg_id", auth.SMSRead, audit.DeviceView, (*Server).showSMS},
		{get, "/sms/:msg_id/text", auth.SMSReveal, audit.SMSReveal, (*Server).revealSMS},

		{get, "/pushes", auth.PushesRead, audit.PushList, (*Server).listPushes},
		{get, "/pushes/addresses", auth.PushesRead, audit.PushList, (*Server).showAddresses},
		{get, "/pushes/addresses/token", auth.SystemManage, audit.PushToken, (*Server).revealAddresses},
		{post, "/pushes/test", auth.PushesReplay, audit.PushTest, (*Server).testPush},
		{get, "/pushes/:id", auth.PushesRead, audit.PushView, (*Server).showPush},
		{get, "/pushes/:id/text", auth.SMSReveal, audit.SMSReveal, (*Server).revealPush},
		{get, "/pushes/:id/redact", auth.AuditRedact, audit.PushView, (*Server).newErasure},
		{post, "/pushes/:id/redact", auth.AuditRedact, audit.AuditRedact, (*Server).redactPush},
		{post, "/pushes/:id/replay", auth.PushesReplay, audit.PushReplay, (*Server).replayPush},

		{get, "/doubts/:id", auth.DoubtsSettle, audit.DoubtView, (*Server).showDoubt},
		{post, "/doubts/:id", auth.DoubtsSettle, audit.OrderSettled, (*Server).settleDoubt},

		{get, "/events", auth.DevicesRead, "", (*Server).listen},
		{get, "/unread", auth.SMSRead, "", (*Server).countUnread},

		{get, "/sync", auth.DevicesRead, "", (*Server).showSync},
		{post, "/sync/start", auth.SyncManage, audit.SyncStart, (*Server).startSync},
		{post, "/sync/stop", auth.SyncManage, audit.SyncStop, (*Server).stopSync},

		{get, "/system", auth.SystemManage, audit.SystemView, (*Server).showSystem},
		{post, "/system/read-only", auth.SystemManage, audit.SystemReadOnly, (*Server).setReadOnly},
		{post, "/system/accept", auth.SystemManage, audit.AuditAccept, (*Server).acceptBreak},

		{get, "/audit", auth.AuditOwn, audit.AuditView, (*Server).listAudit},
		{get, "/audit/export", auth.AuditOwn, audit.AuditExport, (*Server).exportAudit},
		{get, "/audit/checkpoint", auth.AuditRead, audit.AuditExport, (*Server).takeCheckpoint},
		{get, "/audit/:seq", auth.AuditOwn, audit.AuditView, (*Server).showAudit},
		{post, "/audit/:seq/redact", auth.AuditRedact, audit.AuditRedact, (*Server).redactAudit},
	}
}
