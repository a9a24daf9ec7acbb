// Pulls levers without reloading the page, so that the kiosk in its frame is left alone; refreshes states and slips.
const PERIOD_MS = 2000;

async function refresh(answer) {
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("[data-levers]");
  const levers = document.querySelector("[data-levers]");
  const chosen = [...levers.querySelectorAll("select")].map((select) => select.selectedIndex);
  const typed = [...levers.querySelectorAll("textarea")].map((area) => area.value);
  if (fresh.innerHTML === levers.dataset.shown) return;
  levers.dataset.shown = fresh.innerHTML;
  levers.replaceChildren(...fresh.childNodes);
  levers.querySelectorAll("select").forEach((select, place) => { select.selectedIndex = chosen[place] ?? 0; });
  levers.querySelectorAll("textarea").forEach((area, place) => { area.value = typed[place] ?? ""; });
  const picture = levers.querySelector(".held img");
  if (picture) picture.src = `/bench/card.svg?shown=${Date.now()}`;
}

document.addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = new URLSearchParams(new FormData(event.target, event.submitter));
  await refresh(await fetch(event.target.action, { method: "POST", body }));
});

setInterval(async () => {
  if (document.activeElement?.matches("select, textarea")) return;
  await refresh(await fetch("/bench"));
}, PERIOD_MS);
