/** Signed blobs: `signature (64) ‖ payload`, over `domain ‖ 0x00 ‖ payload` (docs/FORMAT.md, section 1). */

import { ed25519 } from "@noble/curves/ed25519.js";
import { type Bytes, concat, Refused, utf8 } from "./bytes";

export const SIGNATURE_BYTES = 64;

export function sign(payload: Uint8Array, domain: string, seed: Uint8Array): Bytes {
  return concat(ed25519.sign(message(payload, domain), seed), payload);
}

/** Check a blob, and return its payload; nothing of it may be looked at before. */
export function verify(blob: Bytes, domain: string, key: Uint8Array): Bytes {
  const payload = blob.slice(SIGNATURE_BYTES);
  if (!isSigned(blob, message(payload, domain), key)) throw new Refused("signature");
  return payload;
}

function message(payload: Uint8Array, domain: string): Bytes {
  return concat(utf8(domain), new Uint8Array(1), payload);
}

function isSigned(blob: Bytes, signed: Bytes, key: Uint8Array): boolean {
  try {
    // Strict as RFC 8032 and as OpenSSL: by default the library also takes what ZIP 215 does.
    return ed25519.verify(blob.subarray(0, SIGNATURE_BYTES), signed, key, { zip215: false });
  } catch {
    return false;
  }
}
