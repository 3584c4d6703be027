/** The board, where answers lie among dummies (docs/FORMAT.md, section 7). */

import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { decrypt } from "./age";
import {
  type Bytes,
  concat,
  equal,
  fromBase64url,
  fromJson,
  integer,
  type Random,
  Refused,
  toInteger,
  utf8,
  wholeNumber,
  withFields,
} from "./bytes";
import { unpad } from "./padding";
import type { Receipt } from "./receipt";
import { verify } from "./signed";

export const BUCKET_BYTES = 131_072;
const CELL_BYTES = 8192;
const CELLS = BUCKET_BYTES / CELL_BYTES;
const SLOTS = 16;
const DAYS_MAX = 32;
const DAYS_AHEAD = 1;
const HEAD_BYTES = 10;
const TAG_BYTES = 8;
const TAGS_STEP = 256;
const HASH_BYTES = 32;
const TRIES = 4;

export interface Index {
  slot: number;
  day: number;
  tags: Bytes[];
  buckets: Bytes[];
}

export interface Board {
  /** Those that a board key of the sheet signed, and that are young enough. */
  indexes: Index[];
  /** True where an index was there that could not be believed: an answer may have stood in it. */
  doubtful: boolean;
}

export interface Choice {
  /** Hash of the one bucket to fetch. */
  bucket: Bytes;
  /** Number of the cell in it, or null: then the bucket is a random one, and nothing in it is looked at. */
  cell: number | null;
}

export interface Answer {
  n: number;
  day: number;
  text: string;
}

export interface Answers {
  answers: Answer[];
  closed: boolean;
  more: boolean;
}

/** Take the indexes apart and keep those that can be believed. */
export function readBoard(bytes: Bytes, boards: readonly Uint8Array[], today: number): Board {
  const board: Board = { indexes: [], doubtful: false };
  let at = 0;
  for (let slot = 0; slot < SLOTS; slot += 1) {
    const head = bytes.subarray(at, at + 4);
    const end = at + 4 + toInteger(head);
    if (head.length !== 4 || end > bytes.length) throw new Refused("board");
    const blob = bytes.slice(at + 4, end);
    at = end;
    if (blob.length === 0) continue;
    try {
      const index = readIndex(verify(blob, "causeway/board-index/1", boards[slot] ?? new Uint8Array(0)), slot);
      if (index.day > today + DAYS_AHEAD) board.doubtful = true;
      else if (index.day >= today - DAYS_MAX) board.indexes.push(index);
    } catch {
      board.doubtful = true;
    }
  }
  if (at !== bytes.length) throw new Refused("board");
  return board;
}

function readIndex(payload: Bytes, slot: number): Index {
  const day = toInteger(payload.subarray(2, 6));
  const tags = toInteger(payload.subarray(6, 8));
  const buckets = toInteger(payload.subarray(8, 10));
  const tagsEnd = HEAD_BYTES + tags * TAG_BYTES;
  if (
    payload[0] !== 1 ||
    payload[1] !== slot ||
    payload.length !== tagsEnd + buckets * HASH_BYTES ||
    tags % TAGS_STEP !== 0 ||
    tags < CELLS * buckets ||
    buckets < 1
  ) {
    throw new Refused("board");
  }
  return {
    slot,
    day,
    tags: pieces(payload.subarray(HEAD_BYTES, tagsEnd), TAG_BYTES),
    buckets: pieces(payload.subarray(tagsEnd), HASH_BYTES),
  };
}

function pieces(bytes: Bytes, size: number): Bytes[] {
  return Array.from({ length: bytes.length / size }, (_, at) => bytes.slice(at * size, (at + 1) * size));
}

export function tagOf(tagKey: Uint8Array, day: number, slot: number, n: number): Bytes {
  const message = concat(
    utf8("causeway/tag/1"),
    new Uint8Array(1),
    integer(day, 4),
    integer(slot, 1),
    integer(n, 1),
  );
  return hmac(sha256, tagKey, message).slice(0, TAG_BYTES);
}

/** Choose the one bucket to fetch: the newest answer's, or a random one. `null`: the board is empty. */
export function chooseBucket(board: Board, tagKey: Uint8Array, random: Random): Choice | null {
  const newestFirst = [...board.indexes].sort((one, other) => other.day - one.day);
  let found: { day: number; n: number; choice: Choice } | null = null;
  for (const index of newestFirst) {
    for (let n = TRIES - 1; n >= 0; n -= 1) {
      const tag = tagOf(tagKey, index.day, index.slot, n);
      const at = index.tags.findIndex((candidate) => equal(candidate, tag));
      const bucket = index.buckets[Math.floor(at / CELLS)];
      if (at < 0 || !bucket) continue;
      if (!found || (index.day === found.day && n > found.n)) {
        found = { day: index.day, n, choice: { bucket, cell: at % CELLS } };
      }
    }
  }
  if (found) return found.choice;
  const all = newestFirst.flatMap((index) => index.buckets);
  const any = all[below(all.length, random)];
  return any ? { bucket: any, cell: null } : null;
}

/** A random number below `limit`, all of them as likely; four bytes make the rest of a division too small to see. */
function below(limit: number, random: Random): number {
  return limit === 0 ? 0 : toInteger(random(4)) % limit;
}

/** Check the bucket and open the cell in it; no answers where there was no cell to look at. */
export function readBucket(bucket: Bytes, choice: Choice, receipt: Receipt): Answers {
  if (bucket.length !== BUCKET_BYTES || !equal(sha256(bucket), choice.bucket)) throw new Refused("bucket");
  if (choice.cell === null) return { answers: [], closed: false, more: false };
  const start = choice.cell * CELL_BYTES;
  try {
    return readCell(unpad(decrypt(bucket.slice(start, start + CELL_BYTES), receipt.answerSeed)), receipt);
  } catch {
    throw new Refused("cell");
  }
}

function readCell(content: Bytes, receipt: Receipt): Answers {
  const fields = fromJson(content, ["v", "conversation", "answers", "closed", "more"]);
  const { answers, closed, more } = fields;
  if (
    fields["v"] !== 1 ||
    !equal(fromBase64url(fields["conversation"], 16), receipt.conversation) ||
    !Array.isArray(answers) ||
    typeof closed !== "boolean" ||
    typeof more !== "boolean"
  ) {
    throw new Refused("cell");
  }
  return { answers: answers.map(readAnswer), closed, more };
}

function readAnswer(value: unknown): Answer {
  const { n, day, text } = withFields(value, ["n", "day", "text"]);
  if (typeof text !== "string") throw new Refused("cell");
  return { n: wholeNumber(n), day: wholeNumber(day), text };
}
