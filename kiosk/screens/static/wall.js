// Keeps the wall display true: asks whether something changed, renews only what did, and says so when the kiosk is away.
// What was shown last stays, so that a restart of the kiosk or of the network leaves the hall its numbers.
const PERIOD_MS = 1000;
const PATIENCE_MS = 3000;
const AWAY_AFTER = 3; // missed answers before the hall is told that numbers may be old

const away = document.querySelector("[data-away]");
let seen = document.body.dataset.version;
let missed = 0;

async function asked(path) {
  const answer = await fetch(path, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer;
}

async function look() {
  try {
    const { version } = await (await asked("/wall/pulse")).json();
    if (String(version) !== seen || missed) await renew();
    missed = 0;
    away.hidden = true;
  } catch {
    missed += 1;
    if (missed >= AWAY_AFTER) away.hidden = false;
  }
  setTimeout(look, PERIOD_MS);
}

async function renew() {
  const fresh = new DOMParser().parseFromString(await (await asked("/wall")).text(), "text/html");
  for (const place of document.querySelectorAll("[data-fresh]")) {
    const newer = fresh.querySelector(`[data-fresh="${place.dataset.fresh}"]`);
    if (newer && newer.innerHTML !== place.innerHTML) place.replaceChildren(...newer.childNodes);
  }
  seen = fresh.body.dataset.version;
}

setTimeout(look, PERIOD_MS);
