/**
 * age v1 files of the one form that docs/FORMAT.md, section 2, allows: a single `mlkem768x25519` stanza, and
 * one chunk, since everything of ours that a browser seals or opens is shorter than 64 KiB.
 *
 * npm's `age-encryption` does more than that, and costs 15 KB more on the line; the tests hold this module
 * against it in both directions.
 *
 * Source: C2SP age.md.
 */

import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { base64, type Bytes, concat, equal, fromBase64, fromUtf8, type Random, Refused, utf8 } from "./bytes";
import * as hybrid from "./hybrid";

const INFO = utf8("age-encryption.org/mlkem768x25519");
const START = "age-encryption.org/v1\n-> mlkem768x25519 ";
const TAG_BYTES = 16;
const NONCE_BYTES = 16;
const CHUNK_BYTES = 65_536;
const letters = (bytes: number): number => Math.ceil((bytes * 4) / 3);

const SHARE_END = START.length + letters(hybrid.SHARE_BYTES);
const BODY_END = SHARE_END + 1 + letters(16 + TAG_BYTES);
const DASHES = "\n---";
const MACED_END = BODY_END + DASHES.length;
const HEADER_BYTES = MACED_END + 1 + letters(32) + 1;

/** A file of ours is larger than its plaintext by this, whatever it says. */
export const OVERHEAD_BYTES = HEADER_BYTES + NONCE_BYTES + TAG_BYTES;

export function encrypt(plaintext: Uint8Array, to: Uint8Array, random: Random): Bytes {
  if (plaintext.length > CHUNK_BYTES) throw new Refused("too_long");
  const fileKey = random(16);
  const { share, sealed } = hybrid.seal(fileKey, to, INFO, random);
  const maced = `${START}${base64(share)}\n${base64(sealed)}${DASHES}`;
  const header = `${maced} ${base64(macOf(fileKey, utf8(maced)))}\n`;
  const nonce = random(NONCE_BYTES);
  return concat(utf8(header), nonce, payload(fileKey, nonce).encrypt(plaintext));
}

/** Open a file with the seed of a key pair. Anything but one stanza of ours, or a chunk too many, is refused. */
export function decrypt(file: Bytes, seed: Uint8Array): Bytes {
  if (file.length < OVERHEAD_BYTES || file.length > OVERHEAD_BYTES + CHUNK_BYTES) throw new Refused("age");
  const maced = file.slice(0, MACED_END);
  const text = fromUtf8(file.slice(0, HEADER_BYTES));
  const share = fromBase64(text.slice(START.length, SHARE_END));
  const body = fromBase64(text.slice(SHARE_END + 1, BODY_END));
  const mac = fromBase64(text.slice(MACED_END + 1, HEADER_BYTES - 1));
  const nonce = file.subarray(HEADER_BYTES, HEADER_BYTES + NONCE_BYTES);
  try {
    const fileKey = hybrid.open(body, share, seed, INFO);
    // The whole header in its one form: what was read above is written again and compared.
    const header = `${START}${base64(share)}\n${base64(body)}${DASHES} ${base64(mac)}\n`;
    if (header !== text || !equal(mac, macOf(fileKey, maced))) throw new Refused("age");
    return new Uint8Array(payload(fileKey, nonce).decrypt(file.subarray(HEADER_BYTES + NONCE_BYTES)));
  } catch {
    throw new Refused("age");
  }
}

function macOf(fileKey: Uint8Array, header: Bytes): Uint8Array {
  return hmac(sha256, hkdf(sha256, fileKey, undefined, utf8("header"), 32), header);
}

function payload(fileKey: Uint8Array, nonce: Uint8Array): ReturnType<typeof chacha20poly1305> {
  const lastChunk = new Uint8Array(12);
  lastChunk[11] = 1;
  return chacha20poly1305(hkdf(sha256, fileKey, nonce, utf8("payload"), 32), lastChunk);
}
