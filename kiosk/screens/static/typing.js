// Typing Vietnamese with plain letters, as people know it: Telex (hoaf: hòa, ddoong: đông, nguowif: người) or VNI
// (hoa2, d9o6ng). One key at a time, joined to the syllable being typed; the same key again takes its mark back.
// What is no Vietnamese syllable (Ksor, Blir) is left as typed. Knows no field and no screen.
import { TONES, withShape, withTone } from "./tones.js";

export const METHODS = ["telex", "vni", "plain"];
const TONE_KEYS = {
  telex: { s: "sắc", f: "huyền", r: "hỏi", x: "ngã", j: "nặng" },
  vni: { 1: "sắc", 2: "huyền", 3: "hỏi", 4: "ngã", 5: "nặng" },
};
const NO_TONE = { telex: "z", vni: "0" };
const ONSETS = new Set(["", ..."b c d đ g h k l m n p q r s t v x ch gh gi kh ng ngh nh ph qu th tr".split(" ")]);
const CODAS = new Set(["", ..."c ch m n ng nh p t".split(" ")]);
const MARKS = /[\u0300\u0301\u0303\u0309\u0323]/gu;
const HATTED = { â: "a", ê: "e", ô: "o" };

const toneless = (text) => text.normalize("NFD").replace(MARKS, "").normalize("NFC");
const start = (text) => Math.max(...[" ", "-", "'", "’", "."].map((sign) => text.lastIndexOf(sign))) + 1;

// The syllable at the end of the text, in parts without tones; null where no Vietnamese one can be.
function syllable(text) {
  const before = text.slice(0, start(text)), word = text.slice(start(text));
  const parts = toneless(word).toLowerCase().match(/^([^aăâeêioôơuưy]*)([aăâeêioôơuưy]+)([^aăâeêioôơuưy]*)$/u);
  if (!parts || !ONSETS.has(parts[1]) || !CODAS.has(parts[3])) return null;
  return { before, word, nucleus: parts[2], coda: parts[3] };
}

function toneOf(word) {
  return Object.values(TONES).find((mark) => word.normalize("NFD").includes(mark));
}

// A letter or a shape more may move the tone to another vowel: hòa and n is hoàn.
function reseated(text) {
  const now = syllable(text);
  const mark = now && toneOf(now.word);
  return mark ? withTone(now.before + toneless(now.word), mark) : text;
}

// đ for the syllable's first d; typed once more it is taken back and the key stands.
function crossed(text, key) {
  const at = start(text);
  const swap = { d: "đ", D: "Đ", đ: "d", Đ: "D" }[text[at]];
  if (!swap || (text.length > at + 1 && !syllable(text))) return null;
  const next = text.slice(0, at) + swap + text.slice(at + 1);
  return "dD".includes(swap) ? next + key : next;
}

// `letters`: where the shape may sit. A shape taken back leaves the key standing.
function shaped(text, key, now, shape, letters) {
  if (!now || ![...now.nucleus].some((letter) => letters.includes(letter))) return null;
  const next = withShape(text, shape);
  const more = (word) => [...toneless(word).toLowerCase()].filter((letter) => "âêôăơư".includes(letter)).length;
  const hats = more(next.slice(now.before.length)), had = more(now.word);
  return hats < had ? reseated(next) + key : reseated(next);
}

// aa, ee, oo: next to its like, or after the syllable's end (dama: dâm), but not the a of "oa" after an o.
function doubled(text, key, now) {
  const low = key.toLowerCase();
  if (!now || !"aeo".includes(low)) return null;
  const own = [...now.nucleus].reverse().find((letter) => letter === low || HATTED[letter] === low);
  if (!own || (!now.coda && now.nucleus[now.nucleus.length - 1] !== own)) return null;
  return shaped(text, key, now, "hat", own);
}

function telex(text, key, now) {
  const low = key.toLowerCase();
  if (low === "d") return crossed(text, key);
  if (low !== "w") return doubled(text, key, now);
  const onset = text.slice(start(text)).toLowerCase();
  const bare = !now && onset && ONSETS.has(onset); // hwng: hưng; but Wendy stays
  return bare ? text + (key === "W" ? "Ư" : "ư") : shaped(text, key, now, "horn", "aăoơuư");
}

function vni(text, key, now) {
  if (key === "9") return crossed(text, key);
  if (key === "6") return shaped(text, key, now, "hat", "aâeêoô");
  if (key === "7") return shaped(text, key, now, "horn", "oơuư");
  return key === "8" ? shaped(text, key, now, "horn", "aă") : null;
}

// The text after one more `key` (one sign) at its end. `method`: one of METHODS.
export function withKey(text, key, method) {
  if (method === "plain" || [...key].length !== 1) return text + key;
  const now = syllable(text), low = key.toLowerCase();
  const tone = TONES[TONE_KEYS[method][low]];
  if (tone && now) return withTone(text, tone) + (toneOf(now.word) === tone ? key : "");
  if (low === NO_TONE[method] && now && toneOf(now.word)) return now.before + toneless(now.word);
  return (tone ? null : (method === "telex" ? telex : vni)(text, key, now)) ?? reseated(text + key);
}
