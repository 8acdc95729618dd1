package views

import (
	"strings"
	"time"

	"cmpconsole/internal/auth"
	"cmpconsole/internal/ops"
	"cmpconsole/web/templates"
)

// auditQuick offers the lists that are asked for often: what one did today, one's own rows, all rows. Who may read the
// whole log may also take along what an export is verified with.
func (k clock) auditQuick(v *templates.AuditList, who ops.Operator) {
	today := k.now.In(k.zone).Format(time.DateOnly)
	if !who.Can(auth.AuditRead) {
		v.Quick = []templates.Link{
			{Label: "All my actions", Href: "/audit", Current: !v.Filtered},
			{Label: "Today", Href: withQuery("/audit", "from", today), Current: v.From == today && v.Until == ""},
		}
		return
	}
	own := strings.EqualFold(v.Actor, who.Name)
	v.Quick = []templates.Link{
		{Label: "Everybody", Href: "/audit", Current: !v.Filtered},
		{Label: "My actions", Href: withQuery("/audit", "actor", who.Name), Current: own && v.From != today},
		{Label: "My actions today", Href: withQuery("/audit", "actor", who.Name, "from", today), Current: own && v.From == today},
	}
	v.NotesHref, v.KeysHref = checkpointHref("note"), checkpointHref("key")
}
