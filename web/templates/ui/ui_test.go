package ui

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/a-h/templ"
)

func markup(t *testing.T, c templ.Component) string {
	t.Helper()
	var out strings.Builder
	if err := c.Render(context.Background(), &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestGroups(t *testing.T) {
	t.Parallel()
	for id, want := range map[string][]string{
		"89852024031900012345": {"8985", "2024", "0319", "0001", "2345"},
		"8985202403190001234":  {"8985", "2024", "0319", "0001", "234"},
		"8613900012345":        {"8613", "9000", "12345"},
		"861390001234":         {"8613", "9000", "1234"},
		"13900012345":          {"1390", "0012", "345"},
		"139000123":            {"1390", "00123"},
		"ORDER_20240402101533": {"ORDER_20240402101533"},
		"12345678":             {"12345678"},
		"":                     {""},
	} {
		got := groups(id)
		if !slices.Equal(got, want) {
			t.Errorf("groups(%q) = %q, want %q", id, got, want)
		}
		if strings.Join(got, "") != id {
			t.Errorf("groups(%q) loses something", id)
		}
	}
}

func TestIDHasNoGapInItsText(t *testing.T) {
	t.Parallel()
	want := `<span class="id" translate="no"><bdi><span>8613</span><span>9000</span><span>12345</span></bdi></span>`
	if got := markup(t, ID("8613900012345")); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestThousands(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1000: "-1,000", -100: "-100"} {
		if got := thousands(n); got != want {
			t.Errorf("thousands(%d) = %s, want %s", n, got, want)
		}
	}
}

func TestBadge(t *testing.T) {
	t.Parallel()
	got := markup(t, BadgeView(Badge{Icon: "ban", Word: "Not sent", Tone: "warn", Hook: "outcome", Value: "not_sent"}))
	for _, want := range []string{`class="badge warn"`, `data-outcome="not_sent"`, "#ban", "<bdi>Not sent</bdi>"} {
		if !strings.Contains(got, want) {
			t.Errorf("%s lacks %s", got, want)
		}
	}
	if got := markup(t, BadgeView(Badge{Word: "x", Hook: "anything", Value: "y"})); strings.Contains(got, "data-") {
		t.Errorf("an unknown hook came through: %s", got)
	}
	if got := markup(t, BadgeView(Badge{})); got != "" {
		t.Errorf("a badge without a word is %q", got)
	}
}

func TestMeterStaysInItsTrack(t *testing.T) {
	t.Parallel()
	for percent, want := range map[int]string{-5: `width="0"`, 40: `width="40"`, 250: `width="100"`} {
		if got := markup(t, MeterView(Meter{Known: true, Percent: percent, Text: "text"})); !strings.Contains(got, `class="fill" `+want) {
			t.Errorf("%d: %s", percent, got)
		}
	}
	if got := markup(t, MeterView(Meter{})); strings.Contains(got, "svg") {
		t.Errorf("a bar without a figure: %s", got)
	}
}

func TestMoment(t *testing.T) {
	t.Parallel()
	got := markup(t, MomentView(Moment{Text: "12:06", Exact: "2026-11-23 12:06:31 CST", Machine: "2026-11-23T04:06:31Z"}))
	if got != `<time datetime="2026-11-23T04:06:31Z" title="2026-11-23 12:06:31 CST">12:06</time>` {
		t.Error(got)
	}
	if got := markup(t, MomentView(Moment{Text: "2024/13/45", Exact: "as the CMP wrote it"})); strings.Contains(got, "<time") {
		t.Errorf("no machine can read this: %s", got)
	}
	if got := markup(t, MomentView(Moment{})); !strings.Contains(got, "–") {
		t.Error(got)
	}
}

func TestPagerWithoutPages(t *testing.T) {
	t.Parallel()
	if got := markup(t, PagerView(Pager{})); got != "" {
		t.Errorf("an empty pager is %q", got)
	}
	got := markup(t, PagerView(Pager{From: "51", To: "100", Total: "2,314", NextHref: "/x?page=3"}))
	if !strings.Contains(got, "51–100 of 2,314") || !strings.Contains(got, `rel="next" href="/x?page=3"`) || strings.Contains(got, `rel="prev"`) {
		t.Error(got)
	}
}
