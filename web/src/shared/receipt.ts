/** The keys of a conversation, all of them made from the eight words (docs/FORMAT.md, section 3). */

import { ed25519 } from "@noble/curves/ed25519.js";
import { expand, extract } from "@noble/hashes/hkdf.js";
import { pbkdf2Async } from "@noble/hashes/pbkdf2.js";
import { sha256, sha512 } from "@noble/hashes/sha2.js";
import { type Bytes, concat, utf8 } from "./bytes";

const ROUNDS = 16_384;
const STRETCHED_BYTES = 64;

export interface Receipt {
  conversation: Bytes;
  tagKey: Bytes;
  /** Seed of the hybrid pair that answers are sealed to. */
  answerSeed: Bytes;
  /** Seed of the Ed25519 pair that the conversation's messages are signed with. */
  verifySeed: Bytes;
  verifyKey: Bytes;
}

/** Derive everything. */
export async function receiptOf(entropy: Bytes, subtle: SubtleCrypto | null = browserSubtle()): Promise<Receipt> {
  const stretched = await stretch(entropy, subtle);
  const root = extract(sha256, stretched);
  const derive = (info: string): Bytes => new Uint8Array(expand(sha256, root, utf8(info), 32));
  const verifySeed = derive("causeway/verify-key/1");
  const verifyKey = new Uint8Array(ed25519.getPublicKey(verifySeed));
  return {
    conversation: conversationOf(verifyKey),
    tagKey: derive("causeway/tag-key/1"),
    answerSeed: derive("causeway/answer-key/1"),
    verifySeed,
    verifyKey,
  };
}

/** The id certifies itself: it is made from the key that signs. */
export function conversationOf(verifyKey: Uint8Array): Bytes {
  return sha256(concat(utf8("causeway/conversation/1"), new Uint8Array(1), verifyKey)).slice(0, 16);
}

/** The browser's own cryptography; there is none on plain HTTP, but for onion and loopback addresses. */
function browserSubtle(): SubtleCrypto | null {
  return (crypto as { subtle?: SubtleCrypto }).subtle ?? null;
}

/** A hundredth of a second by the browser itself; by script a fifth, and twenty where scripts are not compiled. */
async function stretch(entropy: Bytes, subtle: SubtleCrypto | null): Promise<Uint8Array> {
  const salt = utf8("causeway/receipt/1");
  try {
    if (subtle) {
      const key = await subtle.importKey("raw", entropy, "PBKDF2", false, ["deriveBits"]);
      const how = { name: "PBKDF2", hash: "SHA-512", salt, iterations: ROUNDS };
      return new Uint8Array(await subtle.deriveBits(how, key, STRETCHED_BYTES * 8));
    }
  } catch {
    // It knows something else than this; the script below knows it everywhere.
  }
  return pbkdf2Async(sha512, entropy, salt, { c: ROUNDS, dkLen: STRETCHED_BYTES });
}
