// Lists by keyboard: the sign / goes to the text filter, Escape leaves it. Everything here works without this file too.
const find = document.querySelector("[data-find]");

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && document.activeElement === find) find.blur();
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (!find || event.target.matches("input, select, textarea")) return;
  event.preventDefault();
  find.focus();
  find.select();
});
