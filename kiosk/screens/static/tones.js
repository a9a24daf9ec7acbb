// Vietnamese letters from plain ones: hats, horns and tone marks joined to the word being typed, always as NFC.
export const TONES = { sắc: "\u0301", huyền: "\u0300", hỏi: "\u0309", ngã: "\u0303", nặng: "\u0323" };
const HAT = { a: "â", e: "ê", o: "ô", ă: "â", ơ: "ô" };
const HORN = { a: "ă", o: "ơ", u: "ư", â: "ă", ô: "ơ" };
const PLAIN = { â: "a", ê: "e", ô: "o", ă: "a", ơ: "o", ư: "u" };
const VOWELS = "aăâeêioôơuưy";
const MARKS = new RegExp(`[${Object.values(TONES).join("")}]`, "u");

// A letter as { base, tone, upper }: "Ế" is { "ê", sắc, true }.
function taken(letter) {
  const parts = letter.normalize("NFD");
  const tone = parts.match(MARKS)?.[0] || "";
  const whole = parts.replace(MARKS, "").normalize("NFC");
  return { base: whole.toLowerCase(), tone, upper: whole !== whole.toLowerCase() };
}

function joined({ base, tone, upper }) {
  return ((upper ? base.toUpperCase() : base) + tone).normalize("NFC");
}

function vowelsOf(word) {
  const letters = [...word].map(taken);
  let last = letters.length - 1;
  while (last >= 0 && !VOWELS.includes(letters[last].base)) last -= 1;
  let first = last;
  while (first > 0 && VOWELS.includes(letters[first - 1].base)) first -= 1;
  // The u of "qu" and the i of "gi" belong to the consonant when another vowel follows.
  const before = letters[first - 1]?.base;
  if (first < last && ((before === "q" && letters[first].base === "u") || (before === "g" && letters[first].base === "i"))) first += 1;
  return { letters, first, last };
}

// Where the tone sits (the older style: hòa, thủy; and toàn, nguyễn, mười).
function seat({ letters, first, last }) {
  for (let place = last; place >= first; place -= 1) if (PLAIN[letters[place].base]) return place;
  const closed = last < letters.length - 1;
  if (first === last || closed) return last;
  return last - first === 2 ? first + 1 : first;
}

function split(text) {
  const at = Math.max(text.lastIndexOf(" "), text.lastIndexOf("-")) + 1;
  return [text.slice(0, at), text.slice(at).normalize("NFC")];
}

export function withTone(text, tone) {
  const [before, word] = split(text);
  const vowels = vowelsOf(word);
  if (vowels.last < 0) return text;
  const place = seat(vowels);
  const had = vowels.letters[place].tone;
  for (const letter of vowels.letters) letter.tone = "";
  vowels.letters[place].tone = had === tone ? "" : tone;
  return before + vowels.letters.map(joined).join("");
}

// `shape` is HAT or HORN by name. "uo" takes the horn on both: nguoi becomes ngươi.
export function withShape(text, shape) {
  const table = shape === "hat" ? HAT : HORN;
  const [before, word] = split(text);
  const letters = [...word].map(taken);
  let place = letters.length - 1;
  const fits = (letter) => table[letter.base] || (PLAIN[letter.base] && Object.values(table).includes(letter.base));
  while (place >= 0 && !fits(letters[place])) place -= 1;
  if (place < 0) return text;
  // In "ua" the horn is the u's (mưa, hứa), but for "qua", whose u belongs to the consonant.
  if (shape === "horn" && letters[place].base === "a" && "uư".includes(letters[place - 1]?.base ?? "-") && letters[place - 2]?.base !== "q") place -= 1;
  const had = letters[place].base;
  letters[place].base = table[had] || PLAIN[had];
  if (shape === "horn" && had === "o" && letters[place - 1]?.base === "u" && letters[place - 2]?.base !== "q") letters[place - 1].base = "ư";
  return before + letters.map(joined).join("");
}
