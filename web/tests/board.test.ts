import { beforeAll, expect, test } from "vitest";
import { type Board, chooseBucket, readBoard, readBucket, tagOf } from "../src/shared/board";
import { base64url, type Bytes, concat, hex, Refused, systemRandom } from "../src/shared/bytes";
import { type Receipt, receiptOf } from "../src/shared/receipt";
import { Centre, DAY, sha256, SLOT } from "./centre";

const centre = new Centre();
const ANSWERS = [{ n: 1, day: DAY - 1, text: "Come on Tuesday.\n\u{1f33e}" }];
let receipt: Receipt;
let stranger: Receipt;

beforeAll(async () => {
  receipt = await receiptOf(systemRandom(11));
  stranger = await receiptOf(systemRandom(11));
});

const board = (bytes: Bytes) => readBoard(bytes, centre.boardKeys, DAY);
const published = (cell = centre.answersTo(receipt, ANSWERS)) =>
  centre.publish([{ at: 9, receipt, cell }]);
const reasonOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return error instanceof Refused ? error.reason : "other";
  }
  return "none";
};

test("an answer is found and read", () => {
  const { index, bucket } = published();
  const choice = chooseBucket(board(centre.board({ [SLOT]: index })), receipt.tagKey);
  expect(choice).toEqual({ bucket: sha256(bucket), cell: 9 });
  if (choice) expect(readBucket(bucket, choice, receipt)).toEqual({ answers: ANSWERS, closed: false, more: false });
});

test("a stranger takes one bucket too, and sees nothing", () => {
  const { index, bucket } = published();
  const choice = chooseBucket(board(centre.board({ [SLOT]: index })), stranger.tagKey);
  expect(choice).toEqual({ bucket: sha256(bucket), cell: null });
  if (choice) expect(readBucket(bucket, choice, stranger).answers).toEqual([]);
});

test("without a match the same words take the same bucket of a board, and others another", () => {
  const slots = [1, 2, 3, 4, 5, 6, 7, 8];
  const publish = () =>
    board(centre.board(Object.fromEntries(slots.map((slot) => [slot, centre.publish([], { slot }).index]))));
  const taken = ({ indexes }: Board, key: Bytes) => {
    const choice = chooseBucket({ indexes, doubtful: false }, key);
    return { slot: indexes.find(({ buckets }) => buckets[0] === choice?.bucket)?.slot, choice };
  };
  const [today, later] = [publish(), publish()];
  for (const key of [receipt.tagKey, stranger.tagKey]) {
    const first = taken(today, key);
    expect(first.choice?.cell).toBeNull();
    expect(taken(today, key)).toEqual(first);
    // Published anew it is the same desk's, as an answer's would be, and another desk's board changes nothing.
    expect(taken(later, key).slot).toBe(first.slot);
    const mixed = today.indexes.map((index, at) => (index.slot === first.slot ? index : (later.indexes[at] ?? index)));
    expect(taken({ indexes: mixed, doubtful: false }, key)).toEqual(first);
  }
  const many = Array.from({ length: 200 }, () => taken(today, systemRandom(32)).slot);
  for (const slot of slots) expect(many.filter((one) => one === slot).length).toBeGreaterThan(5);
});

test("which bucket of a desk it is without a match changes with the publication", () => {
  const taken = [1, 2, 3, 4, 5, 6, 7, 8].map((salt) => {
    const index = {
      slot: SLOT,
      day: DAY,
      salt: new Uint8Array(16).fill(salt),
      tags: [],
      buckets: [0, 1, 2, 3].map((number) => new Uint8Array(32).fill(number)),
    };
    return chooseBucket({ indexes: [index], doubtful: false }, new Uint8Array(32))?.bucket[0];
  });
  expect(new Set(taken).size).toBeGreaterThan(1);
});

test("of several matches the newest day's, then the highest n", () => {
  const cell = centre.answersTo(receipt, ANSWERS);
  const older = centre.publish([{ at: 1, receipt, n: 3, cell }], { slot: 2, day: DAY - 3 });
  const low = centre.publish([{ at: 2, receipt, cell }], { slot: 3 });
  const high = centre.publish([{ at: 3, receipt, n: 2, cell }], { slot: 7 });
  const choose = (indexes: Record<number, Bytes>) =>
    chooseBucket(board(centre.board(indexes)), receipt.tagKey)?.cell;
  expect(choose({ 2: older.index, 3: low.index, 7: high.index })).toBe(3);
  expect(choose({ 2: older.index, 3: low.index })).toBe(2);
  expect(choose({ 2: older.index })).toBe(1);
});

test("an empty board is no bucket", () => {
  expect(chooseBucket(board(centre.board({})), receipt.tagKey)).toBeNull();
});

test("an index older than 32 days is passed over; a forged, moved or future one is doubtful", () => {
  const at = (day: number) => board(centre.board({ [SLOT]: centre.publish([], { day }).index }));
  expect(at(DAY - 32)).toMatchObject({ doubtful: false, indexes: [{ day: DAY - 32 }] });
  expect(at(DAY - 33)).toEqual({ doubtful: false, indexes: [] });
  expect(at(DAY + 1).indexes).toHaveLength(1);
  expect(at(DAY + 2)).toEqual({ doubtful: true, indexes: [] });
  const forged = centre.publish([], { by: new Centre().boards[SLOT] }).index;
  expect(board(centre.board({ [SLOT]: forged }))).toEqual({ doubtful: true, indexes: [] });
  const moved = centre.publish([], { slot: 4 }).index;
  expect(board(centre.board({ [SLOT]: moved }))).toEqual({ doubtful: true, indexes: [] });
  const altered = centre.publish([]).index;
  altered[200] = (altered[200] ?? 0) ^ 1;
  expect(board(centre.board({ [SLOT]: altered })).doubtful).toBe(true);
});

test("a board that is cut short or goes on is refused", () => {
  const whole = centre.board({ [SLOT]: centre.publish([]).index });
  expect(reasonOf(() => board(whole.slice(0, -1)))).toBe("board");
  expect(reasonOf(() => board(concat(whole, new Uint8Array(1))))).toBe("board");
  expect(reasonOf(() => board(new Uint8Array([255, 255, 255, 255])))).toBe("board");
  expect(reasonOf(() => board(new Uint8Array()))).toBe("board");
});

test("another bucket than the index's is refused", () => {
  const { index, bucket } = published();
  const choice = chooseBucket(board(centre.board({ [SLOT]: index })), receipt.tagKey);
  const altered = bucket.slice();
  altered[5] = (altered[5] ?? 0) ^ 1;
  for (const wrong of [altered, bucket.slice(1)]) {
    expect(reasonOf(() => choice && readBucket(wrong, choice, receipt))).toBe("bucket");
  }
});

test("a cell that is another's, or another form, is refused", () => {
  const conversation = base64url(receipt.conversation);
  const good = { v: 1, conversation, answers: ANSWERS, closed: false, more: false };
  for (const content of [
    { ...good, conversation: base64url(stranger.conversation) },
    { ...good, v: 2 },
    { ...good, answers: [{ n: 1, day: DAY }] },
    { ...good, answers: [{ n: 1, day: DAY, text: 5 }] },
    { ...good, closed: 0 },
    { ...good, extra: 1 },
  ]) {
    const { index, bucket } = published(centre.cell(content, receipt.answerSeed));
    const choice = chooseBucket(board(centre.board({ [SLOT]: index })), receipt.tagKey);
    expect(reasonOf(() => choice && readBucket(bucket, choice, receipt))).toBe("cell");
  }
});

test("a tag depends on key, day, slot, publication and number", () => {
  const index = { day: DAY, slot: SLOT, salt: new Uint8Array(16) };
  const tags = [
    tagOf(receipt.tagKey, index, 0),
    tagOf(stranger.tagKey, index, 0),
    tagOf(receipt.tagKey, { ...index, day: DAY + 1 }, 0),
    tagOf(receipt.tagKey, { ...index, slot: SLOT + 1 }, 0),
    tagOf(receipt.tagKey, { ...index, salt: new Uint8Array(16).fill(1) }, 0),
    tagOf(receipt.tagKey, index, 1),
  ];
  expect(new Set(tags.map(hex)).size).toBe(6);
});

test("counts that do not go together are refused", () => {
  const with_ = (counts: { tags?: number; buckets?: number }) =>
    board(centre.board({ [SLOT]: centre.publish([], counts).index })).doubtful;
  expect(with_({})).toBe(false);
  expect(with_({ tags: 2048 })).toBe(false);
  for (const wrong of [{ tags: 0 }, { tags: 255 }, { tags: 2304 }, { buckets: 0 }, { buckets: 17 }]) {
    expect(with_(wrong)).toBe(true);
  }
});
