// An alarm of the site: a tone until somebody knows, and "I know" said beside whatever is being typed on this page.
const BEEPS = [[880, 0], [660, 0.28], [880, 0.56]]; // hertz, seconds from the start
const BEEP_S = 0.22;
const EVERY_MS = 4000;
const LOUDEST_MIN = 2; // after that a tone once a minute
const SELDOM = 15;

let sounding = null;
let turn = 0;

const alarm = () => document.querySelector("[data-alarm]");

function sound() {
  sounding ??= new AudioContext();
  const volume = sounding.createGain();
  volume.gain.value = 0.5;
  volume.connect(sounding.destination);
  for (const [hertz, at] of BEEPS) {
    const tone = new OscillatorNode(sounding, { type: "square", frequency: hertz });
    tone.connect(volume);
    tone.start(sounding.currentTime + at);
    tone.stop(sounding.currentTime + at + BEEP_S);
  }
  document.body.dataset.sounded = Number(document.body.dataset.sounded || 0) + 1;
}

function ring() {
  const ringing = alarm();
  if (!ringing || "quiet" in ringing.dataset) { turn = 0; return; }
  if (Number(ringing.dataset.minutes) < LOUDEST_MIN || turn % SELDOM === 0) sound();
  turn += 1;
}

// Not a page load: what is typed on this page stays. The next pulse takes the banner away.
async function know(event) {
  const form = event.target.closest("[data-alarm]");
  if (!form) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const button = form.querySelector("button");
  button.disabled = true;
  const body = new URLSearchParams({ token: document.body.dataset.token, aefi: button.value });
  try {
    await fetch("/act/seen", { method: "POST", body, redirect: "manual" });
  } catch {
    button.disabled = false;
  }
}

document.addEventListener("submit", know, { capture: true });
ring();
setInterval(ring, EVERY_MS);
