// What pages do beyond links and forms. Each part is a comfort: without it the page still works.
const $ = (s) => document.querySelector(s);
const say = (text) => { const live = $("#live"); if (live) live.textContent = text; };

// The zone that the server shows times in.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone) document.cookie = `zone=${zone}; path=/; max-age=31536000; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;

// How long ago something was read, beside the time itself.
function ages() {
  for (const e of document.querySelectorAll("[data-ago]")) {
    const s = Math.max(0, (Date.now() - Date.parse(e.dataset.ago)) / 1000);
    const [n, unit] = s < 60 ? [s, "s"] : s < 3600 ? [s / 60, "min"] : s < 86400 ? [s / 3600, "h"] : [s / 86400, "d"];
    e.textContent = s < 5 ? "· just now" : `· ${Math.floor(n)} ${unit} ago`;
    e.closest(".age").classList.toggle("stale", s > 300);
  }
}

async function copy(button) {
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
  } catch { // Plain HTTP has no clipboard: select the text beside the button instead.
    getSelection().selectAllChildren(button.previousElementSibling ?? button.parentElement);
    say("Press Ctrl+C to copy");
    return;
  }
  say("Copied");
  button.classList.add("done");
  setTimeout(() => button.classList.remove("done"), 1600);
}

function fill(button) {
  $("#username").value = button.dataset.fill;
  $("#password").value = button.dataset.password;
  $("#password").form.requestSubmit();
}

document.addEventListener("click", (e) => {
  const button = e.target.closest?.("[data-copy],[data-fill]");
  if (button) button.dataset.copy === undefined ? fill(button) : copy(button);
});

// A form that changes something is sent once, however often the button is pressed; one whose buttons each ask for another thing
// ([data-many]), once a button.
document.addEventListener("submit", (e) => {
  const form = e.target;
  if (form.method !== "post") return;
  const one = form.dataset.many === undefined ? form : e.submitter;
  if (one.dataset.busy) {
    e.preventDefault();
    e.stopImmediatePropagation();
    return;
  }
  one.dataset.busy = "1";
  e.submitter?.setAttribute("aria-busy", "true");
}, true);

function idle() {
  for (const e of document.querySelectorAll("[data-busy]")) {
    delete e.dataset.busy;
    (e.matches("[aria-busy]") ? e : e.querySelector("[aria-busy]"))?.removeAttribute("aria-busy");
  }
}
addEventListener("pageshow", idle);
document.addEventListener("htmx:finally:request", idle);

const announced = (part) => [...part.querySelectorAll("[data-announce]")].map((n) => n.innerText.trim().replace(/\s+/g, " ")).join(" ");

// After a swap: the cursor goes to what is to be mended, else to the headline; a result is read out.
document.addEventListener("htmx:after:swap", (e) => {
  ages();
  let { target } = e.detail.ctx ?? {};
  if (typeof target === "string") target = $(target); // the answer named another one
  if (target?.id === "found" || target?.id === "results" || target?.dataset?.id) say(announced(target));
  if (target?.id !== "main") return;
  const main = $("#main");
  $("#found")?.replaceChildren();
  const q = $("#q");
  if (q && q !== document.activeElement) q.value = location.pathname === "/search" ? new URLSearchParams(location.search).get("q") ?? "" : "";
  say(announced(main));
  const wrong = main.querySelector("[aria-invalid], [autofocus]");
  if (wrong) return wrong.focus();
  if (main.contains(document.activeElement)) return;
  const title = main.querySelector("h1") ?? main;
  title.tabIndex = -1;
  title.focus({ preventScroll: true });
});

// No answer at all: say so, and say what that means for an action.
document.addEventListener("htmx:error", (e) => {
  const main = $("#main");
  if (!e.detail.ctx?.request || main.querySelector(":scope > .lost")) return;
  const box = $("#lost").content.firstElementChild.cloneNode(true);
  box.classList.add("lost");
  main.prepend(box);
  scrollTo(0, 0);
});

// Once a search is sent, the look-up for its last keys would only take its place.
let sought;
document.addEventListener("submit", (e) => { if (e.target.matches(".search")) sought = $("#q").value; });
document.addEventListener("input", (e) => { if (e.target.id === "q") sought = undefined; });
document.addEventListener("htmx:config:request", (e) => {
  if (e.detail.ctx?.sourceElement?.id === "q" && sought === e.detail.ctx.sourceElement.value) e.preventDefault();
});

// From the box, the arrows lead into what was found while one typed, and among it; Esc leads back and closes it.
document.addEventListener("keydown", (e) => {
  const found = $("#found");
  if (!found || !["ArrowDown", "ArrowUp", "Escape"].includes(e.key)) return;
  const links = [$("#q"), ...document.querySelectorAll("#found a, #results .hits .act")];
  const i = links.indexOf(e.target);
  if (i < 0 || (e.key === "Escape" && !found.firstChild && i === 0)) return;
  e.preventDefault();
  if (e.key === "Escape") found.replaceChildren();
  links[e.key === "Escape" ? 0 : Math.max(0, i + (e.key === "ArrowDown" ? 1 : -1))]?.focus();
});

// Single keys, unless the person has switched them off.
const places = { h: "/", d: "/devices", o: "/orders", a: "/audit" };
let went = 0;
document.addEventListener("keydown", (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest("input,textarea,select,dialog,[contenteditable]") || localStorage.keys === "off") return;
  if (e.key === "/" && $("#q")) {
    e.preventDefault();
    $("#q").select();
  } else if (e.key === "?") $("#keys")?.showModal();
  else if (e.key === "g") went = e.timeStamp;
  else if (places[e.key] && e.timeStamp - went < 1500) {
    went = 0;
    $(`#nav li a[href="${places[e.key]}"]`)?.click();
  }
});
document.addEventListener("change", (e) => {
  if (e.target.id === "keys-on") localStorage.keys = e.target.checked ? "on" : "off";
});
if ($("#keys-on")) $("#keys-on").checked = localStorage.keys !== "off";

ages();
setInterval(ages, 15000);
