// The number pad: types into the field that was touched last beside it. A physical keyboard types into the same field.
import { openKeyboard } from "./keyboard.js";

function fieldsBeside(pad) {
  return [...pad.parentElement.querySelectorAll("input.field")]; // pad and fields share one .split
}

function target(pad) {
  const fields = fieldsBeside(pad);
  if (fields.includes(document.activeElement)) return document.activeElement;
  return fields.find((field) => field.dataset.lastTouched) || fields.find((field) => !field.value) || fields[0];
}

export function typeInto(field, text) {
  if (field.maxLength > 0 && field.value.length + text.length > field.maxLength) return;
  field.value += text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function press(pad, key) {
  const field = target(pad);
  if (!field) return;
  field.focus();
  if (key.dataset.key) typeInto(field, key.dataset.key);
  else if ("back" in key.dataset) field.value = field.value.slice(0, -1);
  else if ("clear" in key.dataset) field.value = "";
  else if ("letters" in key.dataset) openKeyboard(field, field.dataset.lettersKeyboard);
}

// Day and month jump on when they are full, so that a date is eight touches.
function advance(field) {
  if (field.value.length !== field.maxLength || field.maxLength > 4) return;
  const pad = field.closest(".split")?.querySelector("[data-pad]");
  const fields = pad ? fieldsBeside(pad) : [];
  const next = fields[fields.indexOf(field) + 1];
  if (next && field.closest(".dates")) next.focus();
}

for (const pad of document.querySelectorAll("[data-pad]")) {
  pad.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps its focus
  pad.addEventListener("click", (event) => {
    const key = event.target.closest("button");
    if (key) press(pad, key);
  });
  for (const field of fieldsBeside(pad)) {
    field.addEventListener("focus", () => {
      for (const other of fieldsBeside(pad)) delete other.dataset.lastTouched;
      field.dataset.lastTouched = "yes";
    });
    field.addEventListener("input", () => advance(field));
  }
}
