// Gives the kiosk back after a while without a touch, so that nothing of the last person stays on the screen.
const seconds = Number(document.body.dataset.idleS || 0);
const TELL_EVERY_MS = 10000;
let timer = 0;
let told = performance.now();

function leave() {
  const form = document.querySelector("[data-sheet]");
  if (!form) return;
  sessionStorage.clear();
  form.action = `/act/${document.body.dataset.idleAct}`;
  for (const field of form.querySelectorAll("input:not([name=token])")) field.disabled = true;
  document.body.dataset.sent = performance.now();
  form.submit();
}

// The desk counts too: it hears about touches that do not act, such as typing, but not more often than it must.
function tell() {
  const now = performance.now();
  if (now - told < TELL_EVERY_MS) return;
  told = now;
  const body = new URLSearchParams({ token: document.body.dataset.token });
  fetch("/act/touched", { method: "POST", body, redirect: "manual" }).catch(() => {});
}

function wait() {
  clearTimeout(timer);
  timer = setTimeout(leave, seconds * 1000);
}

// Whoever is signed in types and looks too: the desk locks their page after a minute without a sign of them.
if (seconds || "staff" in document.body.dataset) {
  for (const sign of ["pointerdown", "keydown"]) addEventListener(sign, () => { if (seconds) wait(); tell(); }, { passive: true });
  if (seconds) wait();
}
