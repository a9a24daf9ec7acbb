// The touch keyboard for names, reasons and document numbers. It covers the lower lines while it is open; a physical
// keyboard keeps working in the same field. On both, marks are typed in Telex or VNI, too; one key says which.
import { TONES, withShape, withTone } from "./tones.js";
import { METHODS, withKey } from "./typing.js";

const LETTERS = ["q w e r t y u i o p", "a s d f g h j k l đ"];
const LAST = "z x c v b n m";
const LAYOUTS = {
  name: [...LETTERS, `${LAST} method erase`, "sắc huyền hỏi ngã nặng hat horn space done"],
  text: [...LETTERS, `${LAST} , . method erase`, "sắc huyền hỏi ngã nặng hat horn space done"],
  latin: ["1 2 3 4 5 6 7 8 9 0", "q w e r t y u i o p", "a s d f g h j k l -", `${LAST} erase done`],
};
const FACES = { hat: "â ê ô", horn: "ă ơ ư", sắc: "á", huyền: "à", hỏi: "ả", ngã: "ã", nặng: "ạ" };
const english = document.documentElement.lang === "en";
const WORDS = english ? { space: "space", done: "Done" } : { space: "dấu cách", done: "Xong" };
const NAMES = english ? { erase: "Delete one" } : { erase: "Xóa một chữ" };
const METHOD_WORDS = { telex: "Telex", vni: "VNI", plain: "abc" };
const METHOD_NAME = english ? "Way of typing: " : "Kiểu gõ: ";
const ROOM_PX = 16; // between a field with its frame and the keyboard
const KEPT = "typing"; // this browser's way of typing, nothing of a person

let field = null;
let keyboard = null;

function cased(letter) {
  if (field.dataset.keyboard === "text" && field.value) return letter;
  return /(^|[\s-])$/u.test(field.value) || field.dataset.lettersKeyboard ? letter.toUpperCase() : letter;
}

function method() {
  const kept = localStorage.getItem(KEPT);
  return METHODS.includes(kept) ? kept : english ? "plain" : "telex";
}

function nextMethod(key) {
  localStorage.setItem(KEPT, METHODS[(METHODS.indexOf(method()) + 1) % METHODS.length]);
  faced(key);
}

function faced(key) {
  key.textContent = METHOD_WORDS[method()];
  key.setAttribute("aria-label", METHOD_NAME + METHOD_WORDS[method()]);
}

function write(value) {
  if (field.maxLength > 0 && value.length > field.maxLength) return;
  field.value = value.normalize("NFC");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.scrollLeft = field.scrollWidth;
  for (const key of keyboard.querySelectorAll("[data-letter]")) key.textContent = cased(key.dataset.letter);
}

function press(name) {
  field.focus({ preventScroll: true });
  if (name === "done") { const left = field; closeKeyboard(); left.dispatchEvent(new CustomEvent("typed", { bubbles: true })); return; }
  if (name === "method") nextMethod(keyboard.querySelector("[data-press=method]"));
  else if (name === "erase") write([...field.value].slice(0, -1).join(""));
  else if (name === "space") write(field.value.endsWith(" ") ? field.value : `${field.value} `);
  else if (name in TONES) write(withTone(field.value, TONES[name]));
  else if (name === "hat" || name === "horn") write(withShape(field.value, name));
  else write(withKey(field.value, cased(name), field.dataset.lettersKeyboard ? "plain" : method()));
}

// A sign from a physical keyboard, at the end of what is typed: in the middle it is taken as it is.
function struck(event) {
  const input = event.target, sign = event.data ?? "";
  if (event.inputType !== "insertText" || [...sign].length !== 1 || input.selectionStart !== input.value.length) return;
  const next = withKey(input.value, sign, method());
  if (next === input.value + sign || (input.maxLength > 0 && next.length > input.maxLength)) return;
  event.preventDefault();
  input.value = next;
  input.dispatchEvent(new Event("input", { bubbles: true }));
}

function icon(name) {
  const drawing = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  drawing.setAttribute("class", "icon");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", new URL(`icons.svg#${name}`, import.meta.url).href);
  drawing.append(use);
  return drawing;
}

function drawn(layout) {
  const board = document.createElement("div");
  board.className = "keyboard";
  board.setAttribute("role", "group");
  board.setAttribute("aria-label", english ? "Keyboard" : "Bàn phím");
  for (const row of LAYOUTS[layout]) {
    const line = document.createElement("div");
    for (const name of row.split(" ")) {
      const key = document.createElement("button");
      key.type = "button";
      key.className = "key";
      key.dataset.press = name;
      if (name === "erase") key.append(icon("erase"));
      else if (name === "method") faced(key);
      else key.textContent = WORDS[name] || FACES[name] || cased(name);
      if (NAMES[name]) key.setAttribute("aria-label", NAMES[name]);
      if (name in TONES || name === "hat" || name === "horn") key.classList.add("tone", "small");
      else if (name === "done") key.classList.add("enter");
      else if (name === "method") key.classList.add("small");
      else if (name === "space" || name === "erase") key.classList.add(layout === "text" && name === "erase" ? "erase" : "wide", "small");
      else key.dataset.letter = name;
      line.append(key);
    }
    board.append(line);
  }
  board.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps its focus
  board.addEventListener("click", (event) => {
    const key = event.target.closest("[data-press]");
    if (key) press(key.dataset.press);
  });
  return board;
}

export function openKeyboard(input, layout) {
  closeKeyboard();
  field = input;
  keyboard = drawn(layout || input.dataset.keyboard);
  document.body.append(keyboard);
  document.body.classList.add("typed-over");
  field.focus({ preventScroll: true });
  uncover();
}

// A field that would lie under the keyboard is brought above it, and its sheet with it.
function uncover() {
  const sheet = field.closest(".sheet");
  const hidden = field.getBoundingClientRect().bottom + ROOM_PX - keyboard.getBoundingClientRect().top;
  if (sheet) sheet.style.translate = hidden > 0 ? `0 ${-hidden}px` : "";
}

export function closeKeyboard() {
  keyboard?.remove();
  if (keyboard && field.closest(".sheet")) field.closest(".sheet").style.translate = "";
  keyboard = null;
  document.body.classList.remove("typed-over");
}

for (const input of document.querySelectorAll("[data-keyboard]")) {
  input.addEventListener("focus", () => { if (field !== input || !keyboard) openKeyboard(input); });
  input.addEventListener("click", () => { if (!keyboard) openKeyboard(input); });
  if (input.dataset.keyboard !== "latin") input.addEventListener("beforeinput", struck);
  input.addEventListener("blur", () => { setTimeout(() => { if (document.activeElement !== input && keyboard && field === input) closeKeyboard(); }, 50); });
}
