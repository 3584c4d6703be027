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
  hex,
  integer,
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
const SALT_BYTES = 16;
const HEAD_BYTES = 10 + SALT_BYTES;
const TAG_BYTES = 8;
const TAGS_STEP = 256;
const TAGS_MAX = 2048;
const HASH_BYTES = 32;
const TRIES = 4;

export interface Index {
  slot: number;
  day: number;
  /** Of this publication alone. */
  salt: Bytes;
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
  /** Number of the cell in it, or null: then the bucket means nothing, and nothing in it is looked at. */
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
  const tags = toInteger(payload.subarray(22, 24));
  const buckets = toInteger(payload.subarray(24, 26));
  const tagsEnd = HEAD_BYTES + tags * TAG_BYTES;
  if (
    payload[0] !== 1 ||
    payload[1] !== slot ||
    payload.length !== tagsEnd + buckets * HASH_BYTES ||
    tags % TAGS_STEP !== 0 ||
    tags < CELLS * buckets ||
    tags > TAGS_MAX ||
    buckets < 1
  ) {
    throw new Refused("board");
  }
  return {
    slot,
    day,
    salt: payload.slice(6, 22),
    tags: pieces(payload.subarray(HEAD_BYTES, tagsEnd), TAG_BYTES),
    buckets: pieces(payload.subarray(tagsEnd), HASH_BYTES),
  };
}

function pieces(bytes: Bytes, size: number): Bytes[] {
  return Array.from({ length: bytes.length / size }, (_, at) => bytes.slice(at * size, (at + 1) * size));
}

function keyed(tagKey: Uint8Array, domain: string, ...message: Bytes[]): Bytes {
  return new Uint8Array(hmac(sha256, tagKey, concat(utf8(`causeway/${domain}/1\0`), ...message)));
}

/** Tag of an answer in the index of one publication. */
export function tagOf(tagKey: Uint8Array, index: Pick<Index, "day" | "slot" | "salt">, n: number): Bytes {
  const { day, slot, salt } = index;
  return keyed(tagKey, "tag", integer(day, 4), integer(slot, 1), salt, integer(n, 1)).slice(0, TAG_BYTES);
}

/**
 * Choose the one bucket to fetch: the newest answer's, or one of no meaning. `null`: the board is empty.
 *
 * Without an answer the same words take the same bucket of the same board, as they would with one: somebody
 * who can link two visits must not see by the buckets whether there was an answer.
 */
export function chooseBucket(board: Board, tagKey: Uint8Array): Choice | null {
  const newestFirst = [...board.indexes].sort((one, other) => other.day - one.day);
  let found: { day: number; n: number; choice: Choice } | null = null;
  for (const index of newestFirst) {
    for (let n = TRIES - 1; n >= 0; n -= 1) {
      const tag = tagOf(tagKey, index, n);
      const at = index.tags.findIndex((candidate) => equal(candidate, tag));
      const bucket = index.buckets[Math.floor(at / CELLS)];
      if (at < 0 || !bucket) continue;
      if (!found || (index.day === found.day && n > found.n)) {
        found = { day: index.day, n, choice: { bucket, cell: at % CELLS } };
      }
    }
  }
  // Worked out in any case, so that a match does not show in the time that this takes.
  const meaningless = bucketWithoutMatch(board.indexes, tagKey);
  return found ? found.choice : meaningless;
}

/** The desk stays the same when boards are published anew, the bucket does not: so it is with an answer. */
function bucketWithoutMatch(indexes: readonly Index[], tagKey: Uint8Array): Choice | null {
  let first: { rank: string; index: Index } | null = null;
  for (const index of indexes) {
    for (let number = 0; number < index.buckets.length; number += 1) {
      const rank = hex(keyed(tagKey, "no-answer-desk", integer(index.slot, 1), integer(number, 2)));
      if (!first || rank < first.rank) first = { rank, index };
    }
  }
  if (!first) return null;
  const { salt, buckets } = first.index;
  // Four bytes make the rest of a division too small to see.
  const drawn = toInteger(keyed(tagKey, "no-answer-bucket", salt).subarray(0, 4));
  const bucket = buckets[drawn % buckets.length];
  return bucket ? { bucket, cell: null } : null;
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
