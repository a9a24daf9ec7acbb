// Asks the desk whether what it shows has changed, and says so when the machine is away. Never throws typed input away:
// while a field is being filled in, only the frame's lines are refreshed, unless another person or screen has come.
import { isDirty } from "./drafts.js";

const PERIOD_MS = 300;
const PATIENCE_MS = 2000;
const AWAY_AFTER = 3; // missed pulses before the machine is said to restart
const GIVE_UP_MS = 15000; // a touch whose answer never came
const KEY = "panel";
const FOCUS = "focus";

const body = document.body;
const away = document.querySelector("[data-away]");
let seen = Number(body.dataset.version);
let missed = 0;
let renewing = false;

async function pulse() {
  try {
    const answer = await fetch(`/pulse?seen=${seen}`, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
    if (!answer.ok) throw new Error(String(answer.status));
    const { version } = await answer.json();
    if (missed >= AWAY_AFTER) { away.hidden = true; }
    missed = 0;
    if (version !== seen) await refresh(version);
  } catch {
    missed += 1;
    if (missed >= AWAY_AFTER) away.hidden = false;
  }
  setTimeout(pulse, PERIOD_MS);
}

async function refresh(version) {
  // A form that is walked page by page would begin again at its first page, though nothing is typed yet.
  const walked = document.querySelector("[data-pager][data-next]");
  if (!isDirty() && !walked && !document.querySelector(":popover-open")) { renew(); return; }
  const answer = await fetch("/", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
  if (!answer.ok) throw new Error(String(answer.status));
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const same = fresh.body.dataset.screen === body.dataset.screen && fresh.body.dataset.token === body.dataset.token;
  if (!same) { renew(); return; }
  for (const place of document.querySelectorAll("[data-fresh]")) {
    const newer = fresh.querySelector(`[data-fresh="${place.dataset.fresh}"]`);
    if (newer && newer.innerHTML !== place.innerHTML) place.replaceChildren(...newer.childNodes);
  }
  seen = version;
}

// A new page would call back a touch that is still on its way to the desk; its answer is the newer page anyway.
function touched() {
  return "sent" in body.dataset && performance.now() - Number(body.dataset.sent) < GIVE_UP_MS;
}

// A finger may open a panel after the news was asked for and before the new page is there: it stays open across.
function renew() {
  if (touched()) return;
  renewing = true;
  keepFocus();
  location.replace("/");
}

// Whoever moves about by keyboard is not thrown back to the page's beginning by news.
function keepFocus() {
  const one = document.activeElement;
  if (!one?.matches("button:focus-visible")) return;
  const names = ["data-act", "name", "value", "popovertarget"].filter((name) => one.hasAttribute(name));
  const place = names.map((name) => `[${name}="${CSS.escape(one.getAttribute(name))}"]`).join("");
  if (place) sessionStorage.setItem(FOCUS, JSON.stringify({ screen: body.dataset.screen, place }));
}

function focusAgain() {
  const { screen, place } = JSON.parse(sessionStorage.getItem(FOCUS) ?? "{}");
  sessionStorage.removeItem(FOCUS);
  if (place && screen === body.dataset.screen) document.querySelector(`button${place}`)?.focus({ preventScroll: true });
}

// Not at "pagehide": a page that listens for its end may keep the browser from closing it.
addEventListener("beforetoggle", (event) => {
  if (renewing && event.newState === "open") sessionStorage.setItem(KEY, JSON.stringify({ screen: body.dataset.screen, panel: event.target.id }));
}, { capture: true });

function reopen() {
  const open = JSON.parse(sessionStorage.getItem(KEY) ?? "{}");
  sessionStorage.removeItem(KEY);
  if (open.screen === body.dataset.screen) document.getElementById(open.panel)?.showPopover();
}

reopen();
focusAgain();
setTimeout(pulse, PERIOD_MS);
