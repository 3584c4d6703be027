/** Words: eight that are the whole of a person's account, eleven that name a centre (docs/FORMAT.md, section 3). */

import { sha256 } from "@noble/hashes/sha2.js";
import { type Bytes, concat, hex, utf8 } from "./bytes";

export const WORDS = 8;
export const ENTROPY_BYTES = 11;
const FINGERPRINT_WORDS = 11;
const LIST_WORDS = 4096;
const BITS = 12;
const GROUP = 4;

/** Words of one language, in the order of their indexes. */
export type WordList = readonly string[];

/** What a language without a list has: groups of four digits, computed. */
export const DIGITS: WordList = Array.from({ length: LIST_WORDS }, (_, index) => String(index).padStart(GROUP, "0"));

export type Reading =
  | { kind: "read"; entropy: Bytes }
  | { kind: "word_count"; count: number }
  | { kind: "unknown_word"; word: string }
  | { kind: "one_word_wrong" };

/** Read a list as pages load it: each word as the number of letters shared with the one before, and its others. */
export function parseList(text: string): WordList {
  let before = "";
  const list = (text.match(/\d\D+/g) ?? []).map((coded) => (before = before.slice(0, Number(coded[0])) + coded.slice(1)));
  if (list.length !== LIST_WORDS) throw new Error("not a list of words");
  return list;
}

export function writeWords(entropy: Uint8Array, list: WordList): string[] {
  return spell(BigInt("0x" + hex(concat(entropy, checksum(entropy)))), WORDS, list);
}

/** The root's fingerprint of 16 bytes, with four bits of checksum. */
export function writeFingerprint(fingerprint: Uint8Array, list: WordList): string[] {
  const sum = sha256(concat(utf8("causeway/fingerprint-words/1"), fingerprint)).subarray(0, 1);
  return spell(BigInt("0x" + hex(concat(fingerprint, sum))) >> 4n, FINGERPRINT_WORDS, list);
}

function spell(bits: bigint, count: number, list: WordList): string[] {
  return Array.from({ length: count }, (_, place) => {
    const index = Number((bits >> BigInt(BITS * (count - 1 - place))) & 0xfffn);
    return list[index] ?? "";
  });
}

/** What was typed, as the words that it is compared by: digits alone are digit groups. */
export function fold(typed: string): string[] {
  const tokens = typed
    .normalize("NFKC")
    .toLowerCase()
    .replace(/ё/g, "е")
    .split(/[^\p{L}\p{N}]+/u)
    .filter((token) => token !== "");
  const words = tokens.filter((token) => !/^\p{Nd}+$/u.test(token));
  return words.length > 0 ? words : groups(tokens.map((token) => token.replace(/\p{Nd}/gu, asciiDigit)));
}

/** The value of a digit of any script: in Unicode the ten of a script follow one another. */
function asciiDigit(digit: string): string {
  let start = digit.codePointAt(0) ?? 0;
  const end = start;
  while (/\p{Nd}/u.test(String.fromCodePoint(start - 1))) start -= 1;
  return String((end - start) % 10);
}

/**
 * Eight tokens of up to four digits are the groups (a zero in front may be missing); else 32 digits are, however they
 * are parted. Where it is neither, single digits are the numbers in front of the groups.
 */
function groups(tokens: readonly string[]): string[] {
  let digits = "";
  for (const kept of [tokens, tokens.filter((token) => token.length > 1)]) {
    if (kept.length === WORDS && kept.every((token) => token.length <= GROUP)) {
      return kept.map((token) => token.padStart(GROUP, "0"));
    }
    digits = kept.join("");
    if (digits.length === WORDS * GROUP) break;
  }
  return digits.match(digits.length < WORDS * GROUP ? /.{4}/g : /.{1,4}/g) ?? [];
}

function isDigits(tokens: readonly string[]): boolean {
  return tokens.length > 0 && /^[0-9]+$/.test(tokens.join(""));
}

/** Whether no other list can hold more of these words than this one, or none is needed: no two lists share a word. */
export function suffices(typed: string, list: WordList | null): boolean {
  const tokens = fold(typed);
  if (tokens.length === 0 || isDigits(tokens)) return true;
  return list !== null && tokens.filter((token) => list.includes(token)).length * 2 > tokens.length;
}

/**
 * Read typed words. The list is the one in which most of the words stand, since people change language and
 * phone; where several have all of them, the checksum says which was meant.
 *
 * An unknown word is named before the words are counted: a word with a slip in it may have become two. Groups are
 * counted first: a digit too few shifts all that follow.
 */
export function readWords(typed: string, lists: readonly WordList[]): Reading {
  const tokens = fold(typed);
  let nearest = { known: -1, missing: "" };
  const complete: number[][] = [];
  const digits = isDigits(tokens);
  if (tokens.length === 0 || (digits && tokens.length !== WORDS)) return { kind: "word_count", count: tokens.length };
  for (const list of digits ? [DIGITS] : lists) {
    const indexes = tokens.map((token) => list.indexOf(token));
    const known = indexes.filter((index) => index >= 0).length;
    if (known === tokens.length) complete.push(indexes);
    if (known > nearest.known) nearest = { known, missing: tokens[indexes.indexOf(-1)] ?? "" };
  }
  if (complete.length === 0) return { kind: "unknown_word", word: nearest.missing };
  if (tokens.length !== WORDS) return { kind: "word_count", count: tokens.length };
  for (const indexes of complete) {
    const entropy = entropyOf(indexes);
    if (entropy) return { kind: "read", entropy };
  }
  return { kind: "one_word_wrong" };
}

function entropyOf(indexes: readonly number[]): Bytes | null {
  const bits = indexes.reduce((sum, index) => (sum << BigInt(BITS)) | BigInt(index), 0n);
  const digits = bits.toString(16).padStart((ENTROPY_BYTES + 1) * 2, "0");
  const bytes = Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));
  const entropy = bytes.slice(0, ENTROPY_BYTES);
  return checksum(entropy)[0] === bytes[ENTROPY_BYTES] ? entropy : null;
}

function checksum(entropy: Uint8Array): Uint8Array {
  return sha256(concat(utf8("causeway/receipt-words/1"), entropy)).subarray(0, 1);
}

