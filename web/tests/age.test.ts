import { createHash } from "node:crypto";
import { bech32 } from "@scure/base";
import { MLKEM768X25519 } from "@noble/post-quantum/hybrid.js";
import * as peer from "age-encryption";
import * as vectors from "cctv-age";
import { expect, test } from "vitest";
import { decrypt, encrypt, OVERHEAD_BYTES } from "../src/shared/age";
import { type Bytes, Refused, systemRandom, utf8 } from "../src/shared/bytes";
import { publicKey } from "../src/shared/hybrid";

const SEED = systemRandom(32);
const identity = (seed: Uint8Array): string =>
  bech32.encodeFromBytes("AGE-SECRET-KEY-PQ-", seed).toUpperCase();
const recipient = (key: Uint8Array): string => bech32.encode("age1pq", bech32.toWords(key), false);

async function sealedByPeer(plaintext: Uint8Array, ...to: string[]): Promise<Bytes> {
  const encrypter = new peer.Encrypter();
  for (const one of to) encrypter.addRecipient(one);
  return new Uint8Array(await encrypter.encrypt(plaintext));
}

test("a key pair is the library's own", () => {
  expect(publicKey(SEED)).toEqual(MLKEM768X25519.getPublicKey(SEED));
});

test("age-encryption opens what is sealed here", async () => {
  for (const size of [0, 1, 31_000, 65_536]) {
    const plaintext = new Uint8Array(size).fill(7);
    const file = encrypt(plaintext, publicKey(SEED), systemRandom);
    expect(file.length).toBe(size + OVERHEAD_BYTES);
    const decrypter = new peer.Decrypter();
    decrypter.addIdentity(identity(SEED));
    expect(await decrypter.decrypt(file)).toEqual(plaintext);
  }
});

test("what age-encryption seals is opened here", async () => {
  for (const text of ["", "short", "long ".repeat(10_000)]) {
    const file = await sealedByPeer(utf8(text), recipient(publicKey(SEED)));
    expect(decrypt(file, SEED)).toEqual(utf8(text));
  }
});

test("more than one recipient, more than one chunk, or another's file is refused", async () => {
  const own = recipient(publicKey(SEED));
  const another = recipient(publicKey(systemRandom(32)));
  expect(() => encrypt(new Uint8Array(65_537), publicKey(SEED), systemRandom)).toThrow(Refused);
  for (const file of [
    await sealedByPeer(utf8("two"), own, another),
    await sealedByPeer(new Uint8Array(65_537), own),
    await sealedByPeer(utf8("not ours"), another),
  ]) {
    expect(() => decrypt(file, SEED)).toThrow(Refused);
  }
});

test("one altered byte anywhere is refused", () => {
  const file = encrypt(utf8("as it was"), publicKey(SEED), systemRandom);
  for (let at = 0; at < file.length; at += at < 60 || at > file.length - 120 ? 1 : 97) {
    const altered = file.slice();
    altered[at] = (altered[at] ?? 0) ^ 1;
    expect(() => decrypt(altered, SEED), `byte ${at}`).toThrow(Refused);
  }
  expect(() => decrypt(file.slice(0, -1), SEED)).toThrow(Refused);
  expect(() => decrypt(new Uint8Array([...file, 0]), SEED)).toThrow(Refused);
});

/** The public vectors: only those with one hybrid stanza are files of ours. */
const OPENED = ["hybrid"];

test("of the public vectors, exactly ours open", () => {
  const all = Object.entries(vectors).filter(([name]) => name !== "default");
  expect(all).toHaveLength(143);
  const opened = all.flatMap(([name, vector]) => {
    const end = Buffer.from(vector).indexOf("\n\n");
    const head = Buffer.from(vector.subarray(0, end)).toString();
    const field = (key: string): string | undefined => new RegExp(`^${key}: (.*)$`, "m").exec(head)?.[1];
    const key = /^identity: (AGE-SECRET-KEY-PQ-1.*)$/m.exec(head)?.[1];
    const seed = key ? bech32.decodeToBytes(key).bytes : SEED;
    try {
      const plaintext = decrypt(new Uint8Array(vector.subarray(end + 2)), seed);
      expect(createHash("sha256").update(plaintext).digest("hex"), name).toBe(field("payload"));
      return [name];
    } catch (error) {
      expect(error, name).toBeInstanceOf(Refused);
      return [];
    }
  });
  expect(opened).toEqual(OPENED);
});
