// Shows a long form or list in pages that fit the screen, so that nothing scrolls. All fields stay in one form.
// data-pager="fit": as many items as fit ("page" items stand alone); "one": one item a page; "named": pages by buttons.
// With data-next/data-last the form's main button turns pages first and submits only on the last one.
const pager = document.querySelector("[data-pager]");
const previous = document.querySelector("[data-previous]");
const turner = document.querySelector("[data-turner]");
const main = document.querySelector(".actions .primary");
const back = document.querySelector(".actions [data-act=back]");
const items = pager ? [...pager.querySelectorAll(":scope > [data-item]")] : [];
const DOUBLE_TAP_MS = 350;
const TROUBLED = "[aria-invalid], :has(> .problem)";
let pages = [];
let page = 0;
let turnedAt = -Infinity;

function overflows() {
  const box = pager.getBoundingClientRect();
  return items.some((item) => !item.hidden && item.getBoundingClientRect().bottom > box.bottom + 1);
}

function cut() {
  const kind = pager.dataset.pager;
  if (kind !== "fit") return items.map((item) => [item]);
  const found = [];
  if (turner && overflows()) turner.hidden = false; // it takes room too
  for (const item of items) item.hidden = true;
  let current = [];
  for (const item of items) {
    const alone = item.dataset.item === "page" || current[0]?.dataset.item === "page";
    item.hidden = false;
    if (current.length && (alone || overflows())) {
      found.push(current);
      for (const shown of current) shown.hidden = true;
      current = [];
    }
    current.push(item);
  }
  if (current.length) found.push(current);
  return found;
}

// Questions that were shown and are still open; the main button answers these no and says so (data-rest).
const open = () => pages[page].filter((item) => "rest" in item.dataset && !item.querySelector(":checked"));

function relabel() {
  if (!pager.dataset.next || !main) return;
  const label = main.querySelector("span"), first = pages[page][0];
  const more = page < pages.length - 1;
  const own = "rest" in first.dataset && !open().length ? "" : first.dataset.next;
  label.textContent = more ? own || pager.dataset.next : pager.dataset.last;
  if (more && previous) label.textContent += ` (${page + 1}/${pages.length})`;
}

export function show(place) {
  page = Math.max(0, Math.min(pages.length - 1, place));
  for (const item of items) item.hidden = !pages[page].includes(item);
  if (turner) {
    turner.hidden = pages.length < 2;
    turner.querySelector("[data-page]").textContent = `${page + 1}/${pages.length}`;
    turner.querySelector("[data-turn='-1']").disabled = page === 0;
    turner.querySelector("[data-turn='1']").disabled = page === pages.length - 1;
  }
  relabel();
  if (previous) previous.hidden = page === 0;
  document.body.dataset.page = pages[page][0].dataset.item;
  const first = pages[page][0];
  const field = first.querySelector("[aria-invalid]") || first.querySelector("input.field");
  // A field with a keyboard of its own waits for a touch where ready answers stand beside it.
  if (field && (!field.dataset.keyboard || field.closest(".typing"))) field.focus({ preventScroll: true });
  else if (document.activeElement?.matches("input.field")) document.activeElement.blur();
}

// The second half of a double tap neither skips a page of questions nor sends the form.
function turn(event) {
  if (!pager.dataset.next) return;
  if (performance.now() - turnedAt < DOUBLE_TAP_MS) { event.preventDefault(); return; }
  if (page >= pages.length - 1) return;
  event.preventDefault();
  turnedAt = performance.now();
  for (const item of open()) item.querySelector("[value=no]").checked = true;
  show(page + 1);
}

function begin() {
  pages = cut();
  const invalid = pages.findIndex((group) => group.some((item) => item.matches(TROUBLED) || item.querySelector(TROUBLED)));
  show(invalid > 0 ? invalid : 0);
  main?.addEventListener("click", turn);
  // Enter on a physical keyboard turns the page too; it never skips questions nor confirms what was not read.
  pager.addEventListener("keydown", (event) => { if (event.key === "Enter" && event.target.matches("input")) turn(event); });
  if (pager.dataset.next) {
    back?.addEventListener("click", (event) => { if (page > 0) { event.preventDefault(); show(page - 1); } });
    pager.addEventListener("typed", () => { if (page < pages.length - 1) show(page + 1); });
  }
  turner?.addEventListener("click", (event) => {
    const button = event.target.closest("[data-turn]");
    if (button) show(page + Number(button.dataset.turn));
  });
  previous?.addEventListener("click", () => show(page - 1));
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-goes]");
    if (button) show(items.findIndex((item) => item.dataset.item === button.dataset.goes));
  });
  pager.addEventListener("change", (event) => {
    const place = event.target.dataset.goesAfter;
    if (place) show(items.findIndex((item) => item.dataset.item === place));
  });
  pager.addEventListener("change", relabel);
  pager.addEventListener("change", (event) => { if ("turns" in event.target.dataset && page < pages.length - 1) show(page + 1); });
}

if (items.length) {
  // Text must have its real height before it is measured.
  document.fonts.ready.then(() => { begin(); document.body.dataset.paged = "yes"; });
}
for (const button of document.querySelectorAll("[data-fills]")) {
  button.addEventListener("click", () => {
    const field = document.getElementById(button.dataset.fills);
    field.value = button.textContent.trim();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
}
