import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Line, Problem } from "../src/door/line";
import { Upload } from "../src/door/upload";
import { type Bytes, hex, systemRandom } from "../src/shared/bytes";
import { CHUNK_BYTES, CHUNK_ROOM, chunkCount, cleanName, cleanType, sealChunk } from "../src/shared/chunks";
import { solve } from "../src/shared/puzzle";
import { sha256 } from "./centre";

interface Vectors {
  key: string;
  nonce_byte: number;
  chunks: { number: number; piece?: string; piece_byte: string; piece_bytes: number; id: string; sha256: string }[];
  names: { typed: string; name: string }[];
  types: { typed: string; type: string }[];
  counts: [number, number][];
}

const VECTORS = JSON.parse(
  readFileSync(new URL("../../vectors/chunks.json", import.meta.url), "utf8"),
) as Vectors;

function unhex(text: string): Bytes {
  return new Uint8Array(Buffer.from(text, "hex"));
}

test.each(VECTORS.chunks)("chunk $number is the one that Python seals", (vector) => {
  const piece = unhex(vector.piece ?? vector.piece_byte.repeat(vector.piece_bytes));
  const nonce = (size: number): Bytes => new Uint8Array(size).fill(VECTORS.nonce_byte);
  const { id, bytes } = sealChunk(piece, unhex(VECTORS.key), vector.number, nonce);
  expect(hex(id)).toBe(vector.id);
  expect(hex(sha256(bytes))).toBe(vector.sha256);
});

test("names, types and numbers of chunks are those of Python", () => {
  for (const { typed, name } of VECTORS.names) expect(cleanName(typed)).toBe(name);
  for (const { typed, type } of VECTORS.types) expect(cleanType(typed)).toBe(type);
  for (const [size, count] of VECTORS.counts) expect(chunkCount(size)).toBe(count);
});

const never = (): AbortSignal => new AbortController().signal;
const file = (size: number): Blob => new Blob([new Uint8Array(size).fill(9)], { type: "image/jpeg;x=y" });

test("an upload goes on where the line broke", async () => {
  const upload = new Upload({ blob: file(CHUNK_ROOM * 2 + 5), kind: "file", name: "C:\\a\\b.jpg" });
  const put: string[] = [];
  let progress = 0;
  let breaks = true;
  const run = (): Promise<void> =>
    upload.run(
      (id, bytes) => {
        if (breaks && put.length === 1) return Promise.reject(new Problem("unreachable"));
        expect(bytes.length).toBe(CHUNK_BYTES);
        put.push(hex(id));
        return Promise.resolve();
      },
      () => (progress += 1),
    );
  await expect(run()).rejects.toBeInstanceOf(Problem);
  expect(upload.chunksDone).toBe(1);
  breaks = false;
  await run();
  expect(new Set(put).size).toBe(upload.chunks);
  expect([put.length, progress]).toEqual([upload.chunks, upload.chunks]);
  expect(upload.attachment()).toMatchObject({ kind: "file", name: "b.jpg", type: "image/jpeg", size: CHUNK_ROOM * 2 + 5 });
});

/** A line whose answers are listed, and what it sent. */
function lineTo(answers: (Response | null)[]) {
  const sent: { path: string; work: string | null }[] = [];
  const waited: number[] = [];
  const line = new Line(
    (path, init) => {
      sent.push({ path, work: new Headers(init.headers).get("causeway-work") });
      const answer = answers.shift();
      return answer ? Promise.resolve(answer) : Promise.reject(new TypeError("broke"));
    },
    (seconds) => {
      waited.push(seconds);
      return Promise.resolve();
    },
    (puzzle, id) => Promise.resolve(solve(puzzle, id)),
  );
  return { line, sent, waited };
}

const ID = new Uint8Array(16).fill(3);
const BODY = systemRandom(32);
const waiting = () => ({ signal: never(), onWait: () => undefined });
const set = (puzzle: string): Response => new Response("", { status: 429, headers: { "causeway-puzzle": puzzle } });

test("a puzzle is solved and the same bytes are put again", async () => {
  const puzzle = `12.${"A".repeat(22)}`;
  const { line, sent, waited } = lineTo([set(puzzle), new Response("", { status: 201 })]);
  await line.put("intake", ID, BODY, waiting());
  expect(sent.map(({ path }) => path)).toEqual(Array(2).fill(`/v1/intake/${hex(ID)}`));
  expect(waited).toEqual([]);
  const [salt = "", nonce = ""] = (sent[1]?.work ?? "").split(".");
  const digest = sha256(
    new Uint8Array(Buffer.concat([Buffer.from("causeway/puzzle/1\0"), Buffer.from(salt, "base64url"), ID, Buffer.from(nonce, "base64url")])),
  );
  expect((digest[0] ?? 1) * 256 + (digest[1] ?? 1)).toBeLessThan(16);
});

test("a puzzle that would keep a phone busy for ever is not begun", () => {
  for (const puzzle of [`60.${"A".repeat(22)}`, "x", "", "12.AAAA"]) expect(() => solve(puzzle, ID)).toThrow();
});

test("a chunk waits for a broken line, a text does not", async () => {
  const chunk = lineTo([null, null, new Response("", { status: 201 })]);
  await chunk.line.put("chunk", ID, BODY, waiting());
  expect(chunk.waited).toEqual([2, 4]);
  const text = lineTo([null]);
  await expect(text.line.put("intake", ID, BODY, waiting())).rejects.toMatchObject({ key: "unreachable" });
});

test("a line that stays broken is a problem in the end", async () => {
  const { line, waited } = lineTo([]);
  await expect(line.put("chunk", ID, BODY, waiting())).rejects.toMatchObject({ key: "unreachable" });
  expect(waited).toHaveLength(8);
});
