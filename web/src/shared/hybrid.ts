/**
 * The hybrid key pair of docs/FORMAT.md, section 2: ML-KEM-768 with X25519, known as X-Wing.
 *
 * Put together here from its parts because the library's own module brings every elliptic curve it knows,
 * which is a third of what a phone would have to load.
 *
 * Sources: draft-connolly-cfrg-xwing-kem, sections 5.2 to 5.4; draft-ietf-hpke-pq-03 (the HPKE suite);
 * RFC 9180, section 5.1 (the key schedule).
 */

import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { x25519 } from "@noble/curves/ed25519.js";
import { expand, extract } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { sha3_256, shake256 } from "@noble/hashes/sha3.js";
import { ml_kem768 } from "@noble/post-quantum/ml-kem.js";
import { type Bytes, concat, integer, type Random, Refused, utf8 } from "./bytes";

export const PUBLIC_BYTES = 1216;
export const SHARE_BYTES = 1120;
const KEM_PUBLIC_BYTES = 1184;
const KEM_SHARE_BYTES = 1088;
const KEM_SEED_BYTES = 64;
const LABEL = utf8("\\.//^\\");
/** HPKE, the hybrid KEM, HKDF-SHA-256, ChaCha20-Poly1305. */
const SUITE = concat(utf8("HPKE"), integer(0x647a, 2), integer(1, 2), integer(3, 2));
const EMPTY = new Uint8Array(0);

interface Secret {
  kem: Uint8Array;
  scalar: Uint8Array;
  public: Bytes;
}

function expandSeed(seed: Uint8Array): Secret {
  const expanded = shake256(seed, { dkLen: KEM_SEED_BYTES + 32 });
  const kem = ml_kem768.keygen(expanded.subarray(0, KEM_SEED_BYTES));
  const scalar = expanded.subarray(KEM_SEED_BYTES);
  return { kem: kem.secretKey, scalar, public: concat(kem.publicKey, x25519.getPublicKey(scalar)) };
}

/** The public key of a 32-byte seed. */
export function publicKey(seed: Uint8Array): Bytes {
  return expandSeed(seed).public;
}

/** Seal to a public key; returns what the reader needs, and the ciphertext with its tag. */
export function seal(
  plaintext: Uint8Array,
  to: Uint8Array,
  info: Uint8Array,
  random: Random,
): { share: Bytes; sealed: Uint8Array } {
  const [kemKey, point] = split(to, PUBLIC_BYTES, KEM_PUBLIC_BYTES);
  const kem = ml_kem768.encapsulate(kemKey, random(32));
  const scalar = random(32);
  const share = concat(kem.cipherText, x25519.getPublicKey(scalar));
  const secret = combine(kem.sharedSecret, exchange(scalar, point), share.subarray(KEM_SHARE_BYTES), point);
  return { share, sealed: cipher(secret, info).encrypt(plaintext) };
}

/** Open what was sealed to the key of `seed`. */
export function open(sealed: Uint8Array, share: Uint8Array, seed: Uint8Array, info: Uint8Array): Uint8Array {
  const [kemShare, point] = split(share, SHARE_BYTES, KEM_SHARE_BYTES);
  const own = expandSeed(seed);
  const kemSecret = ml_kem768.decapsulate(kemShare, own.kem);
  const secret = combine(kemSecret, exchange(own.scalar, point), point, own.public.subarray(KEM_PUBLIC_BYTES));
  return cipher(secret, info).decrypt(sealed);
}

function split(bytes: Uint8Array, size: number, first: number): [Uint8Array, Uint8Array] {
  if (bytes.length !== size) throw new Refused("age");
  return [bytes.subarray(0, first), bytes.subarray(first)];
}

/** A point of low order, which would leave half of the hybrid without a secret, makes the library throw. */
function exchange(scalar: Uint8Array, point: Uint8Array): Uint8Array {
  return x25519.getSharedSecret(scalar, point);
}

function combine(kem: Uint8Array, curve: Uint8Array, share: Uint8Array, point: Uint8Array): Uint8Array {
  return sha3_256(concat(kem, curve, share, point, LABEL));
}

function cipher(secret: Uint8Array, info: Uint8Array): ReturnType<typeof chacha20poly1305> {
  const context = concat(
    new Uint8Array(1),
    labeledExtract(EMPTY, "psk_id_hash", EMPTY),
    labeledExtract(EMPTY, "info_hash", info),
  );
  const schedule = labeledExtract(secret, "secret", EMPTY);
  return chacha20poly1305(
    labeledExpand(schedule, "key", context, 32),
    labeledExpand(schedule, "base_nonce", context, 12),
  );
}

function labeledExtract(salt: Uint8Array, label: string, material: Uint8Array): Uint8Array {
  return extract(sha256, concat(utf8("HPKE-v1"), SUITE, utf8(label), material), salt);
}

function labeledExpand(key: Uint8Array, label: string, info: Uint8Array, size: 12 | 32): Uint8Array {
  return expand(sha256, key, concat(integer(size, 2), utf8("HPKE-v1"), SUITE, utf8(label), info), size);
}
