/** Padding inside sealed files of fixed size: `u32 length ‖ content ‖ zeros` (docs/FORMAT.md, section 2). */

import { type Bytes, concat, integer, isZero, Refused, toInteger } from "./bytes";

const LENGTH_BYTES = 4;

export function pad(content: Uint8Array, size: number): Bytes {
  const room = size - LENGTH_BYTES - content.length;
  if (room < 0) throw new Refused("too_long");
  return concat(integer(content.length, LENGTH_BYTES), content, new Uint8Array(room));
}

export function unpad(padded: Bytes): Bytes {
  const end = LENGTH_BYTES + toInteger(padded.subarray(0, LENGTH_BYTES));
  if (padded.length < LENGTH_BYTES || end > padded.length || !isZero(padded.subarray(end))) {
    throw new Refused("padding");
  }
  return padded.slice(LENGTH_BYTES, end);
}
