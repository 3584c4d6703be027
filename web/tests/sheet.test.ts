import { expect, test } from "vitest";
import { attendanceDay } from "../src/shared/attendance";
import { base64url, type Bytes, concat, Refused } from "../src/shared/bytes";
import { weekOf } from "../src/shared/days";
import { publicKey } from "../src/shared/hybrid";
import { readFragment, verifySheet } from "../src/shared/sheet";
import { Centre, DAY } from "./centre";

const centre = new Centre();
const other = new Centre();
const keyOf = (n: number): Bytes => publicKey(centre.intakeSeeds[n] ?? new Uint8Array());

function verified(blob: Bytes, visit: { day?: number; fingerprint?: Bytes | null } = {}) {
  return verifySheet(blob, { day: DAY, fingerprint: centre.fingerprint, ...visit });
}

function reasonOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(Refused);
    return (error as Refused).reason;
  }
  return "none";
}

test("a sheet of this centre is believed, with and without a fingerprint", () => {
  const sheet = verified(centre.sheet());
  expect(sheet.serial).toBe(7);
  expect(sheet.fingerprint).toEqual(centre.fingerprint);
  expect(sheet.boards).toEqual(centre.boardKeys);
  expect(sheet.intakeKey).toEqual(keyOf(0));
  expect(verified(centre.sheet(), { fingerprint: null })).toEqual(sheet);
});

test("1: too large", () => {
  const long = { ...centre.fields(), bundle: "A".repeat(9000) };
  expect(reasonOf(() => verified(centre.sheet(long)))).toBe("sheet");
});

test("2: another centre than the link's", () => {
  expect(reasonOf(() => verified(other.sheet()))).toBe("sheet_root");
  const swapped = { ...centre.fields(), root_pq: base64url(other.rootPq) };
  expect(reasonOf(() => verified(centre.sheet(swapped)))).toBe("sheet_root");
});

test("3: a device that the root did not appoint, or no longer", () => {
  const forged = { ...centre.fields(), appointment: base64url(centre.appointment(DAY + 50, other.root)) };
  expect(reasonOf(() => verified(centre.sheet(forged)))).toBe("sheet");
  const over = { ...centre.fields(), appointment: base64url(centre.appointment(DAY - 1)) };
  expect(reasonOf(() => verified(centre.sheet(over)))).toBe("sheet_day");
  const last = { ...centre.fields(), appointment: base64url(centre.appointment(DAY)) };
  expect(reasonOf(() => verified(centre.sheet(last)))).toBe("none");
});

test("4: another signature than the device's", () => {
  expect(reasonOf(() => verified(centre.sheet(centre.fields(), other.device)))).toBe("sheet");
  const altered = centre.sheet();
  altered[altered.length - 3] = 0x20;
  expect(reasonOf(() => verified(altered))).toBe("sheet");
});

test("5: fourteen days old is taken, fifteen is not; one day ahead is taken, two are not", () => {
  const blob = centre.sheet();
  expect([DAY + 14, DAY + 15, DAY - 1, DAY - 2].map((day) => reasonOf(() => verified(blob, { day })))).toEqual([
    "none",
    "sheet_day",
    "none",
    "sheet_day",
  ]);
});

test("6: this week's key, else the newest not later than next week", () => {
  const week = weekOf(DAY);
  const chosen = (...weeks: number[]) => verified(centre.sheet(centre.fields(DAY, weeks))).intakeKey;
  expect(chosen(week - 1, week, week + 1)).toEqual(keyOf(1));
  expect(chosen(week - 3, week - 2, week - 1)).toEqual(keyOf(2));
  expect(chosen(week - 1, week + 1, week + 2)).toEqual(keyOf(1));
  expect(reasonOf(() => chosen(week + 2, week + 3, week + 4))).toBe("sheet_day");
});

test("a field too many, too few or of another kind is refused", () => {
  const whole = centre.fields();
  const { texts, ...less } = whole;
  for (const fields of [
    { ...whole, more: 1 },
    less,
    { ...whole, texts: `${String(texts)}=` },
    { ...whole, v: 2 },
    { ...whole, serial: "7" },
    { ...whole, intake: (whole["intake"] as unknown[]).slice(1) },
    { ...whole, boards: [...(whole["boards"] as unknown[]), ""] },
    [whole],
  ]) {
    expect(reasonOf(() => verified(centre.sheet(fields)))).toBe("sheet");
  }
  expect(reasonOf(() => verified(new Uint8Array(10)))).toBe("sheet");
});

test("a fragment is a whole fingerprint, or the link was broken", () => {
  expect(readFragment("")).toBeNull();
  expect(readFragment(`#${base64url(centre.fingerprint)}`)).toEqual(centre.fingerprint);
  for (const fragment of ["#short", "#main", `#${base64url(new Uint8Array(15))}`, `#${base64url(centre.fingerprint)}=`]) {
    expect(reasonOf(() => readFragment(fragment))).toBe("sheet_root");
  }
});

test("attendance: the newest day that a board key vouches for", () => {
  const day = (block: Bytes) => attendanceDay(block, centre.boardKeys, DAY);
  expect(day(centre.attendance({}))).toBeNull();
  expect(day(centre.attendance({ 3: DAY - 9, 11: DAY - 2 }))).toBe(DAY - 2);
  // A line that claims more, under a key that the sheet does not name, does not count.
  const mixed = centre.attendance({ 3: DAY - 9, 11: DAY }, (slot) => (slot === 3 ? centre.boards[3] : other.boards[3]));
  expect(day(mixed)).toBe(DAY - 9);
  // Neither does one from a day to come, or one that was moved to another slot.
  expect(reasonOf(() => day(centre.attendance({ 3: DAY + 2 })))).toBe("attendance");
  expect(reasonOf(() => day(centre.attendance({ 3: DAY }, () => centre.boards[4])))).toBe("attendance");
  // Even under the right key, a line counts in the slot that it names alone.
  const block = centre.attendance({ 4: DAY });
  const moved = concat(block.subarray(0, 3 * 70), block.subarray(4 * 70, 5 * 70), new Uint8Array(12 * 70));
  const keys = centre.boardKeys.map((key, slot) => (slot === 3 ? (centre.boardKeys[4] ?? key) : key));
  expect(reasonOf(() => attendanceDay(moved, keys, DAY))).toBe("attendance");
  expect(reasonOf(() => day(other.attendance({ 0: DAY })))).toBe("attendance");
  expect(reasonOf(() => day(new Uint8Array(1119)))).toBe("attendance");
});
