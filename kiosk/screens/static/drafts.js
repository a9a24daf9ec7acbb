// Knows whether the person has begun to fill something in, and carries it over a change of language or text size.
// What is carried lives for one page load, belongs to one showing of the screen (its token), and never holds a PIN.
const KEY = "tram-draft";

function fields() {
  return [...document.querySelectorAll("[data-sheet] input:not([type=hidden])")];
}

export function isDirty() {
  return fields().some((field) =>
    field.type === "radio" || field.type === "checkbox" ? field.checked !== field.defaultChecked : field.value !== field.defaultValue);
}

function keep() {
  const kept = fields().filter((field) => !("secret" in field.dataset))
    .map((field) => [field.name, field.type === "radio" || field.type === "checkbox" ? [field.value, field.checked] : field.value]);
  sessionStorage.setItem(KEY, JSON.stringify({ token: document.body.dataset.token, kept }));
}

function restore() {
  const text = sessionStorage.getItem(KEY);
  sessionStorage.removeItem(KEY);
  if (!text) return;
  const { token, kept } = JSON.parse(text);
  if (token !== document.body.dataset.token) return;
  for (const [name, value] of kept) {
    for (const field of fields().filter((each) => each.name === name)) {
      if (!Array.isArray(value)) field.value = value;
      else if (field.value === value[0]) field.checked = value[1];
    }
  }
}

document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-keeps-draft]") && isDirty()) keep();
});
restore();
