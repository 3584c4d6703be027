import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { systemRandom } from "../src/shared/bytes";
import { DIGITS, ENTROPY_BYTES, fold, parseList, readWords, suffices, type WordList, writeFingerprint, writeWords } from "../src/shared/words";

const list = (language: string): WordList =>
  parseList(readFileSync(new URL(`../../src/causeway/door/static/words-${language}.txt`, import.meta.url), "utf8"));
const EN = list("en");
const RU = list("ru");
const BOTH = [EN, RU];
const LISTS = { en: EN, ru: RU, digits: DIGITS };

interface Typed {
  about: string;
  text: string;
  entropy?: string;
  expect?: string;
  word?: string;
  found?: number;
}
interface Vectors {
  fingerprints: { fingerprint: string; lang: "en" | "ru" | "digits"; words: string[] }[];
  receipts: { entropy: string; lang: "en" | "ru" | "digits"; words: string[] }[];
  typed: Typed[];
}
const VECTORS = JSON.parse(
  readFileSync(new URL("../../vectors/words.json", import.meta.url), "utf8"),
) as Vectors;

test.each(VECTORS.receipts)("vector: $entropy in $lang", ({ entropy, lang, words }) => {
  expect(writeWords(Buffer.from(entropy, "hex"), LISTS[lang])).toEqual(words);
});

test.each(VECTORS.fingerprints)("vector: fingerprint $fingerprint in $lang", ({ fingerprint, lang, words }) => {
  expect(words).toHaveLength(11);
  expect(writeFingerprint(Buffer.from(fingerprint, "hex"), LISTS[lang])).toEqual(words);
});

test.each(VECTORS.typed)("vector: $about", (vector) => {
  const reading = readWords(vector.text, BOTH);
  const kinds: Record<string, unknown> = {
    "unknown-word": { kind: "unknown_word", word: vector.word },
    "wrong-word-count": { kind: "word_count", count: vector.found },
    "one-word-wrong": { kind: "one_word_wrong" },
  };
  const read = { kind: "read", entropy: new Uint8Array(Buffer.from(vector.entropy ?? "", "hex")) };
  expect(reading).toEqual(vector.expect === undefined ? read : kinds[vector.expect]);
});

test("words come back as they were, in any list, and digits need none", () => {
  for (const own of [...BOTH, DIGITS]) {
    for (let round = 0; round < 50; round += 1) {
      const entropy = systemRandom(ENTROPY_BYTES);
      const words = writeWords(entropy, own);
      expect(words).toHaveLength(8);
      expect(readWords(words.join(" "), own === DIGITS ? [] : BOTH)).toEqual({ kind: "read", entropy });
    }
  }
});

test("the smallest and the largest entropy keep their leading bits", () => {
  for (const byte of [0, 255]) {
    const entropy = new Uint8Array(ENTROPY_BYTES).fill(byte);
    expect(readWords(writeWords(entropy, EN).join(" "), BOTH)).toEqual({ kind: "read", entropy });
  }
});

test("capitals, numbers, lines and signs make no difference", () => {
  const entropy = systemRandom(ENTROPY_BYTES);
  const typed = writeWords(entropy, RU)
    .map((word, at) => `${at + 1}. ${word.toUpperCase()},`)
    .join("\n");
  expect(readWords(typed, BOTH)).toEqual({ kind: "read", entropy });
  expect(fold(" Ёлка\u00a0ёлка, 3) ﬁne ")).toEqual(["елка", "елка", "fine"]);
});

test("a slip is named, a wrong word is not, and words are counted", () => {
  const words = writeWords(new Uint8Array(ENTROPY_BYTES), EN);
  const swapped = words.with(3, EN[2000] ?? "");
  expect(readWords(swapped.join(" "), BOTH)).toEqual({ kind: "one_word_wrong" });
  expect(readWords(words.with(5, "xqzv").join(" "), BOTH)).toEqual({ kind: "unknown_word", word: "xqzv" });
  expect(readWords(words.slice(1).join(" "), BOTH)).toEqual({ kind: "word_count", count: 7 });
  expect(readWords([...words, "xqzv"].join(" "), BOTH)).toEqual({ kind: "unknown_word", word: "xqzv" });
  expect(readWords("", BOTH)).toEqual({ kind: "word_count", count: 0 });
});

test("of 256 wrong last words about one passes the checksum", () => {
  const words = writeWords(systemRandom(ENTROPY_BYTES), EN);
  const passed = EN.filter((word) => readWords(words.with(7, word).join(" "), BOTH).kind === "read");
  expect(passed.length).toBeGreaterThanOrEqual(1);
  expect(passed.length).toBeLessThan(60);
});

test("only 4,096 words are a list, and what pages load is the list that the vectors name", () => {
  expect(() => parseList("0a0b")).toThrow();
  for (const [language, words] of [["en", EN], ["ru", RU]] as const) {
    const whole = readFileSync(
      new URL(`../../src/causeway/sealed/wordlists/${language}.txt`, import.meta.url),
      "utf8",
    );
    expect(words.join("\n") + "\n").toBe(whole);
  }
});

test("the other lists are needed only where most words are not of this one", () => {
  const english = writeWords(systemRandom(ENTROPY_BYTES), EN);
  const russian = writeWords(systemRandom(ENTROPY_BYTES), RU);
  const suffice = (words: string[], list: WordList | null) => suffices(words.join(" "), list);
  expect(suffice(english, EN)).toBe(true);
  expect(suffice(english.with(4, "xqzv"), EN)).toBe(true);
  expect(suffice(english, RU)).toBe(false);
  expect(suffice(english, null)).toBe(false);
  expect(suffice([...english.slice(4), ...russian.slice(4)], EN)).toBe(false);
  expect(suffice(writeWords(systemRandom(ENTROPY_BYTES), DIGITS), null)).toBe(true);
  expect(suffice([], null)).toBe(true);
});

test("digits of every script that this engine knows are read by their value", () => {
  const digits = Array.from({ length: 0x20000 }, (_, code) => code)
    .map((code) => String.fromCodePoint(code))
    .filter((digit) => /^\p{Nd}$/u.test(digit));
  expect(digits.length % 10).toBe(0);
  expect(digits.length).toBeGreaterThan(500);
  digits.forEach((_, at) => {
    if (at % 10 === 0) expect(fold(digits.slice(at, at + 10).join("").padEnd(32, "0"))[0]).toBe("0123");
  });
});
