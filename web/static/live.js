// Live parts. A page listens to what it shows ([data-live]) and reads its own address again when that has changed, or from time
// to time while nobody tells. Parts that somebody is reading, typing or choosing in wait until they are left.
const silence = 40000, grace = 4000, apart = 1000; // of a stream; until one says that it is gone; between two reads
const mark = document.querySelector("#notlive");
const watches = () => [...document.querySelectorAll("[data-live]")];
const part = (id) => document.getElementById(id);
const words = (e) => e.innerText.trim().replace(/\s+/g, " ");
const now = () => performance.now();

const states = new WeakMap(); // of watches
function stateOf(w) {
  if (!states.has(w)) states.set(w, { read: now(), held: [] });
  return states.get(w);
}

let stream, topics = "", last = "", heard = 0, lost, tries = 0, next = 0, over = false;
const gone = () => lost !== undefined && now() - lost > grace;
const down = () => gone() || watches().some((w) => stateOf(w).failed);

// One stream a page. None while the page is hidden: browsers have few connections to a site, and a page that is shown again goes
// on from where it was.
function listen() {
  const list = over ? [] : watches();
  const wanted = [...new Set(list.flatMap((w) => w.dataset.live.split(" ")))].sort().join(" ");
  if (wanted !== topics) {
    hang();
    [topics, last, tries, next] = [wanted, list.at(-1)?.dataset.at ?? "", 0, 0];
    if (!topics) lost = undefined;
  }
  if (document.hidden) return hang();
  if (!topics || stream || now() < next) return;
  const query = new URLSearchParams(topics.split(" ").map((t) => ["on", t]));
  query.set("last", last);
  stream = new EventSource(`/events?${query}`);
  heard = now();
  lost ??= heard;
  for (const name of ["hello", "beat", "changed", "refresh"]) stream.addEventListener(name, hear);
  stream.addEventListener("over", signedOut);
  stream.addEventListener("error", () => {
    lost ??= now();
    if (stream.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
    hang();
    next = now() + Math.min(60000, 5000 * 2 ** tries++);
  });
}

function hang() {
  stream?.close();
  stream = undefined;
}

function hear(e) {
  heard = now();
  if (e.lastEventId) last = e.lastEventId;
  const missed = gone(), changed = new Set(e.data.split(" "));
  [lost, tries] = [undefined, 0];
  show();
  for (const w of watches()) {
    if (missed || e.type === "refresh" || (e.type === "changed" && w.dataset.live.split(" ").some((t) => changed.has(t)))) read(w);
  }
}

function signedOut() {
  over = true;
  listen();
  show();
}

// The mark says what became of the stream, once.
function show() {
  for (const [name, on] of [["over", over], ["down", !over && down()]]) {
    const e = mark.querySelector(`[data-${name}]`);
    if (e.hidden === on) e.hidden = !on;
  }
}

function look() {
  if (document.hidden) return;
  if (stream && now() - heard > silence) {
    hang();
    lost ??= now();
  }
  listen();
  show();
  if (over) return;
  for (const w of watches()) {
    const every = Math.min(w.dataset.every || Infinity, down() ? mark.dataset.every : Infinity);
    if (now() - stateOf(w).read > every * 1000) read(w);
  }
}

// Reads of a watch come one after the other, and one that was asked for meanwhile comes too.
async function read(w) {
  const s = stateOf(w);
  s.again = true;
  if (s.busy) return;
  s.busy = true;
  try {
    while (s.again && w.isConnected) {
      const early = s.read + apart - now();
      if (early > 0) await new Promise((done) => setTimeout(done, early));
      [s.again, s.read] = [false, now()];
      s.failed = !(await take(w, s));
    }
  } catch {
    s.failed = true; // The next look is the next try.
  } finally {
    s.busy = false;
    show();
  }
}

async function take(w, s) {
  const answer = await fetch(w.dataset.href, { headers: { "HX-Request": "true", "X-Live": "1" } });
  if (answer.status === 401) signedOut();
  if (!answer.ok) return false;
  const text = await answer.text();
  if (!w.isConnected) return true;
  const all = w.dataset.parts.split(" ").filter(part);
  s.held = all.filter((id) => held(part(id)));
  const free = all.filter((id) => !s.held.includes(id)), before = free.map((id) => words(part(id)));
  // Where nothing is scrolled browsers let what is read slip away under what is new above it: then what somebody points at stays.
  const aim = scrollY === 0 ? document.querySelector("main :is(a, button, summary):hover") : null, top = aim?.getBoundingClientRect().top;
  await htmx.swap({ sourceElement: w, target: w, text, swap: "none", selectOOB: [w.id, ...free].map((id) => `#${id}:outerMorph`).join() });
  if (aim?.isConnected) scrollBy(0, aim.getBoundingClientRect().top - top);
  free.forEach((id, i) => {
    const e = part(id);
    if (e?.dataset.say && words(e) !== before[i]) document.querySelector("#live").textContent = `${e.dataset.say}: ${words(e)}`;
  });
  return true;
}

// A part is held while the focus is on something in it, something in it is open, or some of it is selected.
function held(e) {
  const on = document.activeElement, chosen = getSelection();
  return (e.contains(on) && on.tabIndex >= 0) || e.querySelector(":popover-open, [open]") !== null || (!chosen.isCollapsed && chosen.getRangeAt(0).intersectsNode(e));
}

let leaving;
function left() {
  clearTimeout(leaving);
  leaving = setTimeout(() => {
    for (const w of watches()) if (stateOf(w).held.some((id) => part(id) && !held(part(id)))) read(w);
  }, 200);
}
for (const name of ["focusout", "selectionchange", "toggle", "close"]) document.addEventListener(name, left, true);
for (const name of ["visibilitychange", "htmx:after:swap"]) document.addEventListener(name, () => (document.hidden ? hang() : look()));
addEventListener("pagehide", hang);
setInterval(look, 1000);
look();
