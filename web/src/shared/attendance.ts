/** On which day somebody last read here (docs/FORMAT.md, section 6). */

import { type Bytes, isZero, Refused, toInteger } from "./bytes";
import { SIGNATURE_BYTES, verify } from "./signed";

const SLOTS = 16;
const PAYLOAD_BYTES = 6;
const LINE_BYTES = SIGNATURE_BYTES + PAYLOAD_BYTES;

/**
 * The newest day that a board key vouches for; `null` where no line was ever written.
 *
 * Refused where there are lines and none of them can be believed. Newest first, so that mostly one
 * signature is checked, which takes a tenth of a second where scripts are not compiled.
 */
export function attendanceDay(block: Bytes, boards: readonly Uint8Array[], today: number): number | null {
  if (block.length !== SLOTS * LINE_BYTES) throw new Refused("attendance");
  const written = boards
    .map((key, slot) => ({ key, slot, line: block.slice(slot * LINE_BYTES, (slot + 1) * LINE_BYTES) }))
    .filter(({ line }) => !isZero(line))
    .map((entry) => ({ ...entry, day: toInteger(entry.line.subarray(SIGNATURE_BYTES + 2)) }))
    .sort((one, other) => other.day - one.day);
  if (written.length === 0) return null;
  for (const { key, slot, line, day } of written) {
    if (day <= today + 1 && isLine(line, key, slot)) return day;
  }
  throw new Refused("attendance");
}

function isLine(line: Bytes, key: Uint8Array, slot: number): boolean {
  try {
    const payload = verify(line, "causeway/attendance/1", key);
    return payload[0] === 1 && payload[1] === slot;
  } catch {
    return false;
  }
}
