import { expect, test } from "vitest";
import { attendanceDay } from "../src/shared/attendance";
import { readBoard } from "../src/shared/board";
import { type Bytes, concat, Refused } from "../src/shared/bytes";
import { chunkCount, cleanName, cleanType, CHUNK_ROOM, padme } from "../src/shared/chunks";
import { pad, unpad } from "../src/shared/padding";
import { readFragment, verifySheet } from "../src/shared/sheet";
import { DIGITS, parseList, readWords, suffices, writeWords } from "../src/shared/words";
import { Centre, DAY, SLOT } from "./centre";

// Every parser of what comes from outside, with seeds changed at random: it returns, or refuses as it declares.
const TRIES = 400;
const LONGEST = 4_096;
const centre = new Centre();

/** Mulberry32: the same numbers at every run. */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

function mutated(seed: Bytes, roll: (below: number) => number): Bytes {
  let bytes = [...seed];
  for (let times = 1 + roll(5); times > 0; times -= 1) {
    const at = roll(bytes.length + 1);
    const kind = roll(4);
    if (kind === 0) bytes.splice(at, 1, roll(256));
    else if (kind === 1) bytes.splice(at, 1 + roll(16));
    else if (kind === 2) bytes.splice(at, 0, ...Array.from({ length: 1 + roll(16) }, () => roll(256)));
    else bytes = bytes.concat(bytes.slice(at, at + 64));
  }
  return new Uint8Array(bytes.slice(0, Math.max(LONGEST, seed.length)));
}

function each(seeds: readonly Bytes[], read: (bytes: Bytes) => void, declared = /^/): void {
  const roll = dice(1);
  for (let number = 0; number < TRIES; number += 1) {
    const seed = seeds[number % seeds.length] ?? new Uint8Array();
    const bytes = number < seeds.length ? seed : mutated(seed, roll);
    try {
      read(bytes);
    } catch (error) {
      if (declared.source === "^") expect(error).toBeInstanceOf(Refused);
      else expect((error as Error).message).toMatch(declared);
    }
  }
}

const utf8 = (text: string): Bytes => new TextEncoder().encode(text);
const text = (bytes: Bytes): string => new TextDecoder().decode(bytes);

test("a sheet, and what stands behind the # of a link", () => {
  const sheet = centre.sheet();
  each([sheet, sheet.slice(64)], (bytes) => verifySheet(bytes, { day: DAY, fingerprint: null }));
  each([utf8("#AAAAAAAAAAAAAAAAAAAAAA"), utf8("#")], (bytes) => readFragment(text(bytes)));
});

test("a sheet that was altered anywhere is refused", () => {
  const sheet = centre.sheet();
  const roll = dice(2);
  for (let times = 0; times < 60; times += 1) {
    const bytes = sheet.slice();
    const at = roll(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << roll(8));
    expect(() => verifySheet(bytes, { day: DAY, fingerprint: centre.fingerprint })).toThrow(Refused);
  }
});

test("a board", () => {
  const { index } = centre.publish([]);
  each([centre.board({ [SLOT]: index }), new Uint8Array(64)], (bytes) => readBoard(bytes, centre.boardKeys, DAY));
});

test("attendance lines", () => {
  each([new Uint8Array(1_120).fill(1), new Uint8Array(1_120)], (bytes) => attendanceDay(bytes, centre.boardKeys, DAY));
});

test("padding", () => {
  each([pad(utf8("invented"), 32), new Uint8Array(8)], (bytes) => {
    expect(unpad(pad(bytes, bytes.length + 8))).toEqual(bytes);
    unpad(bytes);
  });
});

test("words: what is typed is read or said to be wrong, and what is written is read again", () => {
  const entropy = new Uint8Array(11).map((_, at) => at * 7);
  each([utf8(writeWords(entropy, DIGITS).join(" ")), utf8("one two"), utf8("٠١٢٣ ۴۵۶۷")], (bytes) => {
    suffices(text(bytes), DIGITS);
    readWords(text(bytes), [DIGITS]);
  });
  each([entropy], (bytes) => {
    const eleven = concat(bytes, new Uint8Array(11)).slice(0, 11);
    expect(readWords(writeWords(eleven, DIGITS).join(" "), [DIGITS])).toMatchObject({ entropy: eleven });
  });
  each([utf8(DIGITS.slice(0, 50).join("\n"))], (bytes) => parseList(text(bytes)), /^not a list of words$/);
});

test("names of files, their kinds, and how many chunks they make", () => {
  each([utf8("снимок 1.jpg"), utf8("../../a\\b:c"), utf8("\u202egpj.exe")], (bytes) => {
    const name = cleanName(text(bytes));
    expect(cleanName(name)).toBe(name);
    expect(name).not.toMatch(/[\u0000-\u001f/\\:*?"<>|]/);
    expect(name.length).toBeLessThanOrEqual(80);
    const kind = cleanType(text(bytes));
    expect(cleanType(kind)).toBe(kind);
  });
  const roll = dice(3);
  for (let times = 0; times < TRIES; times += 1) {
    const size = 1 + roll(26_214_400);
    expect(chunkCount(size) * CHUNK_ROOM).toBeGreaterThanOrEqual(size);
    expect(padme(padme(size))).toBe(padme(size));
  }
});
