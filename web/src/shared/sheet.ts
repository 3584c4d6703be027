/** The door sheet: all that a visitor reads about the centre (docs/FORMAT.md, section 4). */

import { sha256 } from "@noble/hashes/sha2.js";
import {
  type Bytes,
  concat,
  equal,
  fromBase64url,
  fromJson,
  type Reason,
  Refused,
  toInteger,
  utf8,
  wholeNumber,
  withFields,
} from "./bytes";
import { weekOf } from "./days";
import { PUBLIC_BYTES } from "./hybrid";
import { SIGNATURE_BYTES, verify } from "./signed";

const SHEET_BYTES_MAX = 8192;
const DAYS_MAX = 14;
const DAYS_AHEAD = 1;
const BOARDS = 16;
const INTAKE_WEEKS = 3;
const FIELDS = [
  "v",
  "serial",
  "day",
  "root",
  "root_pq",
  "device",
  "appointment",
  "intake",
  "boards",
  "bundle",
  "texts",
] as const;

export interface Sheet {
  serial: number;
  day: number;
  /** Of the root that vouches for all of it. */
  fingerprint: Bytes;
  /** The one key to seal to. */
  intakeKey: Bytes;
  /** Keys of the sixteen board slots, in order. */
  boards: Bytes[];
}

/** The root's fingerprint, as links and posters carry it. */
export function fingerprintOf(root: Uint8Array, rootPq: Uint8Array): Bytes {
  return sha256(concat(utf8("causeway/centre-root/1"), new Uint8Array(1), root, rootPq)).slice(0, 16);
}

/** The fingerprint in a link's fragment; `null` where the link has none. */
export function readFragment(fragment: string): Bytes | null {
  const text = fragment.replace(/^#/, "");
  if (text === "") return null;
  return refusing("sheet_root", () => fromBase64url(text, 16));
}

/**
 * Verify a sheet for a visitor, in the order that the format numbers.
 *
 * Refused with `sheet_root`: the sheet is not of the centre that the link names. With `sheet_day`: too old, or
 * from the future; this device's clock may be wrong. With `sheet`: anything else.
 */
export function verifySheet(blob: Bytes, visit: { day: number; fingerprint: Bytes | null }): Sheet {
  // (1) The size.
  if (blob.length > SHEET_BYTES_MAX) throw new Refused("sheet");
  // The key that signs is named inside, so it is read first, by a reader that takes nothing else from there.
  const claimed = refusing("sheet", () => parse(blob.slice(SIGNATURE_BYTES)));
  // (2) The centre is the one that the link names.
  const fingerprint = fingerprintOf(claimed.root, claimed.rootPq);
  if (visit.fingerprint && !equal(visit.fingerprint, fingerprint)) {
    throw new Refused("sheet_root");
  }
  // (3) The root appointed this device, and the appointment has not run out.
  const appointed = concat(claimed.appointment.subarray(4), claimed.device, claimed.appointment.subarray(0, 4));
  refusing("sheet", () => verify(appointed, "causeway/appointment/1", claimed.root));
  if (visit.day > toInteger(claimed.appointment.subarray(0, 4))) throw new Refused("sheet_day");
  // (4) The device signed what was read.
  refusing("sheet", () => verify(blob, "causeway/door-sheet/1", claimed.device));
  // (5) It is neither old nor of a day to come.
  if (claimed.day < visit.day - DAYS_MAX || claimed.day > visit.day + DAYS_AHEAD) throw new Refused("sheet_day");
  // (6) This week's key, else the newest not later than next week.
  const intakeKey = chooseKey(claimed.intake, weekOf(visit.day));
  return { serial: claimed.serial, day: claimed.day, fingerprint, intakeKey, boards: claimed.boards };
}

interface Weekly {
  week: number;
  key: Bytes;
}

function chooseKey(intake: readonly Weekly[], week: number): Bytes {
  const usable = intake.filter((weekly) => weekly.week <= week + 1).sort((one, other) => other.week - one.week);
  const chosen = usable.find((weekly) => weekly.week === week) ?? usable[0];
  if (!chosen) throw new Refused("sheet_day");
  return chosen.key;
}

function parse(payload: Bytes) {
  const fields = fromJson(payload, FIELDS);
  if (fields["v"] !== 1) throw new Refused("encoding");
  fromBase64url(fields["bundle"], 32);
  fromBase64url(fields["texts"], 32);
  return {
    serial: wholeNumber(fields["serial"]),
    day: wholeNumber(fields["day"]),
    root: fromBase64url(fields["root"], 32),
    rootPq: fromBase64url(fields["root_pq"], 32),
    device: fromBase64url(fields["device"], 32),
    appointment: fromBase64url(fields["appointment"], 68),
    intake: listOf(fields["intake"], INTAKE_WEEKS).map((value): Weekly => {
      const weekly = withFields(value, ["week", "key"]);
      return { week: wholeNumber(weekly["week"]), key: fromBase64url(weekly["key"], PUBLIC_BYTES) };
    }),
    boards: listOf(fields["boards"], BOARDS).map((key) => fromBase64url(key, 32)),
  };
}

function listOf(value: unknown, size: number): unknown[] {
  if (!Array.isArray(value) || value.length !== size) throw new Refused("encoding");
  return value;
}

function refusing<T>(reason: Reason, check: () => T): T {
  try {
    return check();
  } catch {
    throw new Refused(reason);
  }
}
