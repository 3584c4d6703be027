/** The puzzle of a crowded lane (docs/FORMAT.md, section 13): so many tries that a flood can't afford them. */

import { sha256 } from "@noble/hashes/sha2.js";
import { base64url, type Bytes, concat, fromBase64url, Refused, utf8 } from "./bytes";

const SALT_BYTES = 16;
const NONCE_BYTES = 8;
/** Nobody is kept busy for longer than this many bits cost, whatever a server asks for. */
const BITS_MAX = 22;

/** Solve `BITS.SALT` for an id; returns `SALT.NONCE`. Runs for seconds: in a worker. */
export function solve(puzzle: string, id: Uint8Array): string {
  const [bitsText = "", saltText = ""] = puzzle.split(".");
  const bits = /^\d{1,2}$/.test(bitsText) ? Number(bitsText) : 99;
  if (bits > BITS_MAX) throw new Refused("encoding");
  const salt = fromBase64url(saltText, SALT_BYTES);
  const tried = concat(utf8("causeway/puzzle/1"), new Uint8Array(1), salt, id, new Uint8Array(NONCE_BYTES));
  const nonce = tried.subarray(tried.length - NONCE_BYTES);
  while (zeroBits(sha256(tried)) < bits) count(nonce);
  return `${saltText}.${base64url(nonce)}`;
}

function zeroBits(digest: Uint8Array): number {
  const at = digest.findIndex((byte) => byte !== 0);
  return at < 0 ? digest.length * 8 : at * 8 + Math.clz32(digest[at] ?? 0) - 24;
}

function count(nonce: Bytes): void {
  for (let at = nonce.length - 1; at >= 0; at -= 1) {
    nonce[at] = ((nonce[at] ?? 0) + 1) % 256;
    if (nonce[at] !== 0) return;
  }
}
