// Keeps the clock and the minutes left true between two pulses, from the moment the page was shown.
const STEP_MS = 1000;
const FULL_S = 1800; // a ring is full at 30 minutes
const began = performance.now();
const clock = document.querySelector("[data-clock]");
const [hours, minutes] = (clock?.textContent || "0:0").split(":").map(Number);
const tiles = [...document.querySelectorAll("[data-left-s]")].map((tile) => [tile, Number(tile.dataset.leftS)]);

function step() {
  const gone = Math.floor((performance.now() - began) / 1000);
  const now = hours * 60 + minutes + Math.floor(gone / 60);
  const shown = document.querySelector("[data-clock]");
  if (shown && gone >= 60) shown.textContent = `${String(Math.floor(now / 60) % 24).padStart(2, "0")}:${String(now % 60).padStart(2, "0")}`;
  for (const [tile, whole] of tiles) {
    const left = Math.max(0, whole - gone);
    tile.querySelector("[data-ring]").setAttribute("stroke-dasharray", `${Math.min(100, (left * 100) / FULL_S)} 100`);
    tile.querySelector("[data-left]").textContent = left ? `${Math.ceil(left / 60)} ${tile.dataset.leftWord}` : tile.dataset.doneWord;
    tile.querySelector("use").toggleAttribute("hidden", left > 0);
    tile.classList.toggle("may-leave", left === 0);
  }
}

setInterval(step, STEP_MS);
