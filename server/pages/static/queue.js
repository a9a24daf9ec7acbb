// The officer's queue by keyboard: J and K move between complaints, Enter opens the marked one.
const rows = [...document.querySelectorAll("#queue tr")];
let at = -1;

function mark(next) {
  if (!rows.length) return;
  rows[at]?.removeAttribute("aria-selected");
  at = Math.min(Math.max(next, 0), rows.length - 1);
  rows[at].setAttribute("aria-selected", "true");
  rows[at].querySelector("a").focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select, textarea")) return;
  if (event.key === "j") mark(at + 1);
  if (event.key === "k") mark(at - 1);
});
