/** Attachments: a file cut into sealed chunks under ids of their own (docs/FORMAT.md, section 5). */

import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { type Bytes, concat, integer, type Random, utf8 } from "./bytes";
import { cleanText } from "./text";

export const CHUNK_BYTES = 262_144;
export const CHUNK_ROOM = CHUNK_BYTES - 12 - 16;
export const FILE_BYTES_MAX = 26_214_400;
export const FILES_MAX = 8;
const NAME_UNITS_MAX = 80;
const UNKNOWN_TYPE = "application/octet-stream";

/** Round a number of chunks up so that it says little about the file (Nikitin et al. 2019, algorithm 1). */
export function padme(count: number): number {
  if (count < 2) return count;
  const exponent = Math.floor(Math.log2(count));
  const kept = Math.floor(Math.log2(exponent)) + 1;
  const step = 2 ** Math.max(0, exponent - kept);
  return Math.ceil(count / step) * step;
}

/** How many chunks a file of this size has at the relay. */
export function chunkCount(size: number): number {
  return padme(Math.ceil(size / CHUNK_ROOM));
}

/** Seal a piece of a file; an empty one where chunks only fill up. */
export function sealChunk(piece: Uint8Array, fileKey: Uint8Array, number: number, random: Random): { id: Bytes; bytes: Bytes } {
  const label = concat(utf8("causeway/chunk-id/1"), new Uint8Array(1), integer(number, 4));
  const id = new Uint8Array(hkdf(sha256, fileKey, undefined, label, 32)).slice(0, 16);
  const key = hkdf(sha256, fileKey, id, utf8("causeway/chunk/1"), 32);
  const padded = new Uint8Array(CHUNK_ROOM);
  padded.set(piece);
  const nonce = random(12);
  return { id, bytes: concat(nonce, chacha20poly1305(key, nonce).encrypt(padded)) };
}

/** A file's name without folders and without what a file system or a page could be misled by. */
export function cleanName(name: string): string {
  const trim = (text: string): string => text.replace(/^[ .]+|[ .]+$/g, "");
  const last = name.split(/[/\\]/).pop() ?? "";
  let kept = trim(cleanText(last).replace(/[\p{Cc}:*?"<>|\u200b-\u200f\u2028\u2029\ufeff]/gu, ""));
  // The end says what kind of file it is.
  while (kept.length > NAME_UNITS_MAX) kept = trim(kept.replace(/^./su, ""));
  return kept;
}

/** A media type without its parameters, or the one that says nothing. */
export function cleanType(type: string): string {
  const bare = (type.split(";")[0] ?? "").trim().toLowerCase();
  return /^[a-z0-9!#$&^_.+-]{1,40}\/[a-z0-9!#$&^_.+-]{1,40}$/.test(bare) ? bare : UNKNOWN_TYPE;
}
