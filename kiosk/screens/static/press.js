// A touch shows at once, a submit happens once, and slow work is visible after 400 ms.
const PROGRESS_AFTER_MS = 400;

document.addEventListener("pointerdown", (event) => {
  const pressed = event.target.closest("button, .tile, .yesno label");
  if (!pressed) return;
  pressed.classList.add("pressed");
  const release = () => pressed.classList.remove("pressed");
  addEventListener("pointerup", release, { once: true });
  addEventListener("pointercancel", release, { once: true });
});

document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  if (document.body.dataset.sent) { event.preventDefault(); return; }
  document.body.dataset.sent = performance.now(); // pulse.js leaves the page alone meanwhile
  // After this turn, so that the pressed button's own name and value still go along.
  setTimeout(() => { for (const button of document.querySelectorAll("button[type=submit], form button:not([type])")) button.disabled = true; });
  setTimeout(() => document.body.classList.add("busy"), PROGRESS_AFTER_MS);
});

// The browser's own back button may bring a page back as it was left.
addEventListener("pageshow", (event) => { if (event.persisted) location.replace("/"); });
document.addEventListener("contextmenu", (event) => event.preventDefault());
