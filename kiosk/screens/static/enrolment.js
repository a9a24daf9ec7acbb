// Loads the page anew when something changed. The kiosk proper takes over this very address: its version is another.
const PERIOD_MS = 500;
const PATIENCE_MS = 2000;

const seen = document.body.dataset.version;
let missed = false;

async function look() {
  try {
    const answer = await fetch("/pulse", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
    const { version } = await answer.json();
    if (answer.ok && (missed || String(version) !== seen)) { location.replace("/"); return; }
  } catch {
    missed = true; // it restarts: whatever answers next is looked at
  }
  setTimeout(look, PERIOD_MS);
}

setTimeout(look, PERIOD_MS);
