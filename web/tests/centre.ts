/** An invented centre for tests: its keys, and what its relay would serve. */

import { createHash } from "node:crypto";
import { ed25519 } from "@noble/curves/ed25519.js";
import { encrypt, OVERHEAD_BYTES } from "../src/shared/age";
import { base64url, type Bytes, concat, integer, systemRandom, utf8 } from "../src/shared/bytes";
import { weekOf } from "../src/shared/days";
import { publicKey } from "../src/shared/hybrid";
import { pad } from "../src/shared/padding";
import type { Receipt } from "../src/shared/receipt";
import { fingerprintOf } from "../src/shared/sheet";
import { sign } from "../src/shared/signed";
import { type Answer, BUCKET_BYTES, tagOf } from "../src/shared/board";

export const DAY = 20_779;
export const SLOT = 5;
const CELL_BYTES = 8192;

interface Pair {
  seed: Bytes;
  key: Bytes;
}

function pair(): Pair {
  const seed = systemRandom(32);
  return { seed, key: new Uint8Array(ed25519.getPublicKey(seed)) };
}

interface Published {
  slot?: number;
  day?: number;
  by?: Pair | undefined;
  tags?: number;
  buckets?: number;
}

export function sha256(bytes: Uint8Array): Bytes {
  return new Uint8Array(createHash("sha256").update(bytes).digest());
}

export class Centre {
  readonly root = pair();
  readonly rootPq = systemRandom(32);
  readonly device = pair();
  readonly boards = Array.from({ length: 16 }, pair);
  readonly intakeSeeds = Array.from({ length: 3 }, () => systemRandom(32));

  get fingerprint(): Bytes {
    return fingerprintOf(this.root.key, this.rootPq);
  }

  get boardKeys(): Bytes[] {
    return this.boards.map(({ key }) => key);
  }

  appointment(lastDay: number, by: Pair = this.root): Bytes {
    const until = integer(lastDay, 4);
    const signed = sign(concat(this.device.key, until), "causeway/appointment/1", by.seed);
    return concat(until, signed.subarray(0, 64));
  }

  fields(day = DAY, weeks: number[] = [0, 1, 2].map((n) => weekOf(day) + n)): Record<string, unknown> {
    return {
      v: 1,
      serial: 7,
      day,
      root: base64url(this.root.key),
      root_pq: base64url(this.rootPq),
      device: base64url(this.device.key),
      appointment: base64url(this.appointment(day + 50)),
      intake: weeks.map((week, n) => ({ week, key: base64url(publicKey(this.intakeSeeds[n] ?? systemRandom(32))) })),
      boards: this.boardKeys.map(base64url),
      bundle: base64url(new Uint8Array(32)),
      texts: base64url(new Uint8Array(32)),
    };
  }

  sheet(fields: unknown = this.fields(), by: Pair = this.device): Bytes {
    return sign(utf8(JSON.stringify(fields)), "causeway/door-sheet/1", by.seed);
  }

  attendance(days: Record<number, number>, by: (slot: number) => Pair | undefined = (slot) => this.boards[slot]): Bytes {
    const lines = this.boards.map((_, slot) => {
      const day = days[slot];
      const key = by(slot);
      if (day === undefined || !key) return new Uint8Array(70);
      return sign(concat(integer(1, 1), integer(slot, 1), integer(day, 4)), "causeway/attendance/1", key.seed);
    });
    return concat(...lines);
  }

  cell(content: unknown, seed: Uint8Array): Bytes {
    const plaintext = pad(utf8(JSON.stringify(content)), CELL_BYTES - OVERHEAD_BYTES);
    return encrypt(plaintext, publicKey(seed), systemRandom);
  }

  answersTo(receipt: Receipt, answers: Answer[], more = false): Bytes {
    const content = { v: 1, conversation: base64url(receipt.conversation), answers, closed: false, more };
    return this.cell(content, receipt.answerSeed);
  }

  /** One bucket of noise, with these cells at their places, and its signed index. */
  publish(
    cells: { at: number; receipt: Receipt; n?: number; cell: Bytes }[],
    { slot = SLOT, day = DAY, by = this.boards[slot], tags: tagCount = 256, buckets = 1 }: Published = {},
  ): { index: Bytes; bucket: Bytes } {
    const bucket = concat(systemRandom(BUCKET_BYTES / 2), systemRandom(BUCKET_BYTES / 2));
    const salt = systemRandom(16);
    const tags = Array.from({ length: tagCount }, () => systemRandom(8));
    for (const { at, receipt, n = 0, cell } of cells) {
      bucket.set(cell, at * CELL_BYTES);
      tags[at] = tagOf(receipt.tagKey, { day, slot, salt }, n);
    }
    const payload = concat(
      integer(1, 1),
      integer(slot, 1),
      integer(day, 4),
      salt,
      integer(tagCount, 2),
      integer(buckets, 2),
      ...tags,
      ...Array.from({ length: buckets }, () => sha256(bucket)),
    );
    return { index: sign(payload, "causeway/board-index/1", by?.seed ?? systemRandom(32)), bucket };
  }

  board(indexes: Record<number, Bytes>): Bytes {
    const parts = this.boards.map((_, slot) => indexes[slot] ?? new Uint8Array());
    return concat(...parts.flatMap((index) => [integer(index.length, 4), index]));
  }
}
