package ops

import (
	"testing"

	"cmpconsole/internal/auth"
	"cmpconsole/internal/fault"
)

// A template is kept under its name, replaced, and deleted, each recorded; its fields are filled device by device.
func TestTemplates(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, text := range []string{"Card {device_id}, ending {last4}", "Reboot {last4}"} {
		if err := b.SaveTemplate(t.Context(), anna, " Greeting ", text); err != nil {
			t.Fatal(err)
		}
		list, err := b.Templates(t.Context())
		if err != nil || len(list) != 1 || list[0].Name != "Greeting" || list[0].Content != text || list[0].Author != "anna" {
			t.Errorf("%+v, %v", list, err)
		}
	}
	batch, err := b.PrepareSMS(t.Context(), anna, Draft{Devices: []string{device, device2}, Content: "Reboot {last4} of {device_id}"})
	if err != nil {
		t.Fatal(err)
	}
	sent, err := b.SendBatch(t.Context(), anna, batch)
	if err != nil || b.cmp.messages[0].Content != "Reboot 0016 of "+device || b.cmp.messages[1].Content != "Reboot 0024 of "+device2 || b.text(t, sent[0]).Content != b.cmp.messages[0].Content {
		t.Errorf("sent %+v, %v", b.cmp.messages, err)
	}
	if err := b.SaveTemplate(t.Context(), anna, "Greeting", ""); err != nil {
		t.Fatal(err)
	}
	if list, err := b.Templates(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
	if n := b.count(t, `SELECT count(*) FROM audit WHERE action = 'sms.template'`); n != 3 {
		t.Errorf("%d rows", n)
	}
	wantKind(t, b.SaveTemplate(t.Context(), operatorOf("mia", auth.Manager), "x", "y"), fault.Forbidden)
	wantKind(t, b.SaveTemplate(t.Context(), anna, " ", "y"), fault.Invalid)
	b.refuseRows(t, "event")
	wantKind(t, b.SaveTemplate(t.Context(), anna, "x", "y"), fault.Unavailable)
	if n := b.count(t, `SELECT count(*) FROM sms_template`); n != 0 {
		t.Error("a template was kept without its row")
	}
}
