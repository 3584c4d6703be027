import { readFileSync } from "node:fs";
import { beforeEach, expect, test } from "vitest";
import { Problem } from "../src/door/line";
import { Session } from "../src/door/seal";
import { decrypt } from "../src/shared/age";
import { base64url, type Bytes, hex, systemRandom } from "../src/shared/bytes";
import { SLOT_BYTES } from "../src/shared/intake";
import { cleanText } from "../src/shared/text";
import { unpad } from "../src/shared/padding";
import { solve } from "../src/shared/puzzle";
import { receiptOf } from "../src/shared/receipt";
import { parseList, readWords } from "../src/shared/words";
import { Centre, DAY, sha256, SLOT } from "./centre";

const STATIC = new URL("../../src/causeway/door/static/", import.meta.url);
const NOW = DAY * 86_400_000 + 1000;

/** A door in memory: what it serves, what it was asked, and what goes wrong next. */
class Door {
  readonly centre = new Centre();
  sheet = this.centre.sheet();
  attendance = this.centre.attendance({ [SLOT]: DAY });
  board = this.centre.board({ [SLOT]: this.centre.publish([]).index });
  readonly buckets = new Map<string, Bytes>();
  readonly slots = new Map<string, Bytes>();
  asked: string[] = [];
  waited: number[] = [];
  /** What becomes of the next messages: a status, or null where the line breaks after they arrived. */
  next: (number | null)[] = [];

  session(fragment = `#${base64url(this.centre.fingerprint)}`, now = () => NOW, language = "en"): Session {
    return new Session({
      language,
      languages: ["en", "ru"],
      fragment,
      fetch: (path, init) => this.fetch(path, init),
      wait: (seconds) => {
        this.waited.push(seconds);
        return Promise.resolve();
      },
      solve: (puzzle, id) => Promise.resolve(solve(puzzle, id)),
      random: systemRandom,
      now,
    });
  }

  publish(...cells: Parameters<Centre["publish"]>[0]): void {
    const { index, bucket } = this.centre.publish(cells);
    this.board = this.centre.board({ [SLOT]: index });
    this.buckets.set(hex(sha256(bucket)), bucket);
  }

  private fetch(path: string, init: RequestInit): Promise<Response> {
    this.asked.push(`${init.method ?? ""} ${path.replace(/[0-9a-f]{32,}/, "…")}`);
    expect(init.cache).toBe("no-store");
    if (init.method === "PUT") return this.put(path.slice(-32), init.body as Bytes);
    const name = path.replace(/^\/(static|v1)\//, "");
    if (path.startsWith("/static/")) return answer(new Uint8Array(readFileSync(new URL(name, STATIC))));
    const fixed: Record<string, Bytes> = { sheet: this.sheet, attendance: this.attendance, board: this.board };
    const body = fixed[name] ?? this.buckets.get(name.replace("bucket/", ""));
    return body ? answer(body) : answer(new Uint8Array(), 404);
  }

  private put(id: string, body: Bytes): Promise<Response> {
    const status = this.next.shift();
    if (typeof status === "number") return answer(new Uint8Array(), status, { "retry-after": "7" });
    const known = this.slots.get(id);
    this.slots.set(id, known ?? body.slice());
    if (status === null) return Promise.reject(new TypeError("connection lost"));
    return answer(new Uint8Array(), known ? (hex(known) === hex(body) ? 200 : 409) : 201);
  }

  messages(): Record<string, unknown>[] {
    return [...this.slots.values()].map((slot) => {
      expect(slot.length).toBe(SLOT_BYTES);
      const signed = unpad(decrypt(slot, this.centre.intakeSeeds[0] ?? new Uint8Array()));
      return JSON.parse(new TextDecoder().decode(signed.subarray(64))) as Record<string, unknown>;
    });
  }
}

function answer(body: Bytes, status = 200, headers: Record<string, string> = {}): Promise<Response> {
  return Promise.resolve(new Response(body, { status, headers }));
}

const waits: number[] = [];
const sending = () => ({
  signal: new AbortController().signal,
  onWait: (seconds: number) => waits.push(seconds),
  onSending: () => undefined,
});
const write = (text: string) => ({ action: "write" as const, text, firstAnswer: 0, lastAnswer: 0, files: [] });
const never = () => new AbortController().signal;

async function problemOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    expect(error).toBeInstanceOf(Problem);
    return (error as Problem).key;
  }
  return "none";
}

let door: Door;
beforeEach(() => {
  door = new Door();
  waits.length = 0;
});

function entropyOf(words: string[]): Bytes {
  const lists = ["en", "ru"].map((tag) => parseList(readFileSync(new URL(`words-${tag}.txt`, STATIC), "utf8")));
  const reading = readWords(words.join(" "), lists);
  if (reading.kind !== "read") throw new Error(reading.kind);
  return reading.entropy;
}

test("a message arrives in one slot, and the words are not in it", async () => {
  const session = door.session();
  const words = await session.newWords();
  await session.send(write("Hello\r\nthere\u0000"), sending());
  const [message] = door.messages();
  const receipt = await receiptOf(entropyOf(words));
  expect(message).toMatchObject({
    v: 1,
    conversation: base64url(receipt.conversation),
    action: "write",
    path: "script",
    language: "en",
    first_answer: 0,
    last_answer: 0,
    text: "Hello\nthere",
  });
  expect([...door.slots.keys()].map((id) => base64url(Buffer.from(id, "hex")))).toEqual([message?.["message"]]);
  for (const word of words) expect(JSON.stringify(message)).not.toContain(` ${word} `);
});

test("after a broken line the same id and bytes go again; another text is another message", async () => {
  const session = door.session();
  await session.newWords();
  door.next = [null];
  expect(await problemOf(session.send(write("one"), sending()))).toBe("unreachable");
  expect(await problemOf(session.send(write("one"), sending()))).toBe("none");
  expect(door.slots.size).toBe(1);
  door.next = [null];
  expect(await problemOf(session.send(write("two"), sending()))).toBe("unreachable");
  expect(await problemOf(session.send(write("two, changed"), sending()))).toBe("none");
  expect(door.messages().map(({ text }) => text)).toEqual(["one", "two", "two, changed"]);
});

test("a full lane is waited for, and said", async () => {
  const session = door.session();
  await session.newWords();
  door.next = [429, 429];
  await session.send(write("patience"), sending());
  expect(door.waited).toEqual([7, 7]);
  expect(waits).toEqual([7, 7]);
  expect(door.slots.size).toBe(1);
});

test("each refusal has its sentence", async () => {
  const session = door.session();
  await session.newWords();
  for (const [status, key] of [
    [507, "full"],
    [503, "busy"],
    [502, "unreachable"],
    [400, "other"],
  ] as const) {
    door.next = [status];
    expect(await problemOf(session.send(write("text"), sending()))).toBe(key);
  }
  expect(await problemOf(session.send(write(" \n "), sending()))).toBe("empty");
  expect(await problemOf(session.send(write("a".repeat(8001)), sending()))).toBe("too_long");
});

test("nothing is sent to a centre that could not be checked", async () => {
  const cases: [Bytes, string | undefined, string][] = [
    [new Centre().sheet(), undefined, "wrong_centre"],
    [door.centre.sheet(door.centre.fields(DAY - 15)), undefined, "old"],
    [new Centre().sheet(door.centre.fields()), undefined, "unchecked"],
    [door.centre.sheet(), "#broken", "wrong_centre"],
    [door.centre.sheet(), "", "none"],
  ];
  for (const [sheet, fragment, key] of cases) {
    door.sheet = sheet;
    const session = door.session(fragment);
    expect(await problemOf(session.newWords())).toBe(key);
    const sent = await problemOf(session.send(write("text"), sending()));
    expect(sent === "none").toBe(key === "none");
    expect(door.slots.size).toBe(key === "none" ? 1 : 0);
  }
});

test("coming back looks the same on the line, whether or not there is an answer", async () => {
  const session = door.session();
  const words = await session.newWords();
  const receipt = await receiptOf(entropyOf(words));
  const answers = [{ n: 4, day: DAY, text: "Yes." }];
  door.publish({ at: 3, receipt, cell: door.centre.answersTo(receipt, answers) });
  const asked: string[][] = [];
  for (const typed of [words, await door.session().newWords()]) {
    door.asked = [];
    const visit = door.session();
    await visit.enter(typed.join(" "));
    const found = await visit.read(never());
    expect(found.answers).toEqual(typed === words ? answers : []);
    asked.push(door.asked);
  }
  expect(asked[0]).toEqual([
    "GET /static/words-en.txt",
    "GET /v1/sheet",
    "GET /v1/board",
    "GET /v1/bucket/…",
  ]);
  expect(asked[1]).toEqual(asked[0]);
});

test("a language without a list has digit groups, and loads nothing for them", async () => {
  const session = door.session(undefined, undefined, "uk");
  const groups = await session.newWords();
  expect(groups).toHaveLength(8);
  expect(groups.every((group) => /^[0-4]\d{3}$/.test(group))).toBe(true);
  expect(await session.placeWords()).toHaveLength(11);
  for (const language of ["uk", "en"]) {
    const back = door.session(undefined, undefined, language);
    await back.enter(groups.join(""));
    await back.send(write("text"), sending());
  }
  expect(new Set(door.messages().map((message) => message["conversation"])).size).toBe(1);
  expect(door.asked.filter((one) => one.includes("/static/"))).toEqual([]);
});

test("the other lists are loaded for words that are not of the page's", async () => {
  const english = await door.session().newWords();
  for (const [language, loaded] of [
    ["en", ["en"]],
    ["ru", ["ru", "en"]],
    ["tr", ["en", "ru"]],
  ] as const) {
    door.asked = [];
    await door.session(undefined, undefined, language).enter(english.join(" "));
    expect(door.asked).toEqual(loaded.map((one) => `GET /static/words-${one}.txt`));
  }
});

test("a button is a message of the same conversation that names the last answer", async () => {
  const words = await door.session().newWords();
  const visit = door.session();
  await visit.enter(words.join(" "));
  await visit.send({ action: "read", text: "", firstAnswer: 3, lastAnswer: 4, files: [] }, sending());
  const receipt = await receiptOf(entropyOf(words));
  expect(door.messages()).toMatchObject([
    { action: "read", first_answer: 3, last_answer: 4, text: "", conversation: base64url(receipt.conversation) },
  ]);
});

test("mistyped words never reach the line", async () => {
  const session = door.session();
  await session.prepare();
  await problemOf(session.enter("one"));
  door.asked = [];
  expect(await problemOf(session.enter("eight words that are in no list xqzv"))).toBe("unknown_word");
  expect(await problemOf(session.enter("able"))).toBe("word_count");
  expect(door.asked).toEqual([]);
});

test("an index that can't be believed is not 'no answer'", async () => {
  const words = await door.session().newWords();
  door.board = door.centre.board({ [SLOT]: door.centre.publish([], { by: new Centre().boards[0] }).index });
  const visit = door.session();
  await visit.enter(words.join(" "));
  expect(await problemOf(visit.read(never()))).toBe("unchecked");
  // Beside it a good one: its bucket is fetched all the same, and then it is said.
  const good = door.centre.publish([], { slot: 2 });
  door.buckets.set(hex(sha256(good.bucket)), good.bucket);
  door.board = door.centre.board({
    2: good.index,
    [SLOT]: door.centre.publish([], { by: new Centre().boards[0] }).index,
  });
  door.asked = [];
  expect(await problemOf(visit.read(never()))).toBe("unchecked");
  expect(door.asked).toContain("GET /v1/bucket/…");
});

test("another bucket than was signed is refused", async () => {
  const words = await door.session().newWords();
  const { index, bucket } = door.centre.publish([]);
  door.board = door.centre.board({ [SLOT]: index });
  door.buckets.set(hex(sha256(bucket)), bucket.slice().reverse());
  const visit = door.session();
  await visit.enter(words.join(" "));
  expect(await problemOf(visit.read(never()))).toBe("unchecked");
});

test("attendance is told only as far as a key vouches for it", async () => {
  expect(await door.session().attendance()).toEqual({ state: "today", day: DAY });
  for (const [day, state] of [
    [DAY - 1, "yesterday"],
    [DAY - 3, "recent"],
    [DAY - 4, "old"],
  ] as const) {
    door.attendance = door.centre.attendance({ [SLOT]: day });
    expect(await door.session().attendance()).toEqual({ state, day });
  }
  door.attendance = new Centre().attendance({ [SLOT]: DAY });
  expect((await door.session().attendance()).state).toBe("unchecked");
  door.attendance = door.centre.attendance({});
  expect((await door.session().attendance()).state).toBe("never");
});

test("a sheet that went bad while somebody wrote is noticed before sending", async () => {
  let now = NOW;
  const session = door.session(undefined, () => now);
  await session.newWords();
  door.sheet = new Centre().sheet();
  now += 3_600_000;
  expect(await problemOf(session.send(write("text"), sending()))).toBe("wrong_centre");
  expect(door.slots.size).toBe(0);
});

test("what fails while preparing is asked for again when it is needed", async () => {
  const whole = door.sheet;
  door.sheet = new Uint8Array(3);
  const session = door.session();
  await session.prepare();
  door.sheet = whole;
  await session.newWords();
  expect(await problemOf(session.send(write("text"), sending()))).toBe("none");
});

test("after forgetting, nothing can be sent or read", async () => {
  const session = door.session();
  await session.newWords();
  session.forget();
  expect(await problemOf(session.send(write("text"), sending()))).toBe("other");
  expect(await problemOf(session.read(never()))).toBe("other");
});

test("a stopped wait stops, and is no problem to speak of", async () => {
  const session = door.session();
  await session.newWords();
  const controller = new AbortController();
  controller.abort();
  const stopped = { ...sending(), signal: controller.signal };
  door.next = [null];
  await expect(session.send(write("text"), stopped)).rejects.not.toBeInstanceOf(Problem);
});

test("text is cleaned, not refused", () => {
  expect(cleanText("a\r\nb\rc\td\u0007\u0085e\ud800f")).toBe("a\nb\nc\tde\ufffdf");
  expect(cleanText("a\u202ab\u202ec\u2066d\u2069e\u200f \u0646\u200c\u200d")).toBe("abcde\u200f \u0646\u200c\u200d");
  expect(cleanText(`  ${"x".repeat(9000)}`)).toHaveLength(8000);
  expect(cleanText("x".repeat(7999) + "\u{1f33e}")).toBe("x".repeat(7999));
});
