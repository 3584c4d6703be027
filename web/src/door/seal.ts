/**
 * Everything with a key in it, loaded after the page is there.
 *
 * A session is one visit: it holds the words' keys in memory until `forget`, and nowhere else.
 */

import { attendanceDay } from "../shared/attendance";
import { type Answers, chooseBucket, readBoard, readBucket } from "../shared/board";
import { type Bytes, fromUtf8, hex, type Random, type Reason, Refused, systemRandom } from "../shared/bytes";
import { today } from "../shared/days";
import { type Message, sealMessage, type Slot } from "../shared/intake";
import { type Receipt, receiptOf } from "../shared/receipt";
import { readFragment, type Sheet, verifySheet } from "../shared/sheet";
import { cleanText, TEXT_UNITS_MAX } from "../shared/text";
import { DIGITS, ENTROPY_BYTES, parseList, readWords, suffices, type WordList, writeFingerprint, writeWords } from "../shared/words";
import { type Fetch, Line, Problem, type ProblemKey, type Solve, type Wait, type Waiting } from "./line";

export type { Action, Attachment } from "../shared/intake";
export type { Answer, Answers } from "../shared/board";

export interface Surroundings {
  language: string;
  /** Tags of all languages that there are lists of words for. */
  languages: readonly string[];
  /** The fragment that the page was opened with. */
  fragment: string;
  fetch: Fetch;
  wait: Wait;
  solve: Solve;
  random: Random;
  now: () => number;
}

export interface Attending {
  state: "today" | "yesterday" | "recent" | "old" | "never" | "unchecked";
  day: number;
}

export interface Sending extends Waiting {
  onSending: () => void;
}

/** After this a sheet is fetched anew: a page may stay open for a day. */
const SHEET_MILLISECONDS = 3_600_000;
const SILENT_DAYS = 3;
const NEVER = new AbortController().signal;

const PROBLEMS: Partial<Record<Reason, ProblemKey>> = {
  cell: "answer_unreadable",
  sheet_day: "old",
  sheet_root: "wrong_centre",
  too_long: "too_long",
};

export class Session {
  private readonly line: Line;
  private readonly lists = new Map<string, Promise<WordList>>();
  private sheet: { asked: number; sheet: Promise<Sheet> } | null = null;
  private receipt: Promise<Receipt> | null = null;
  private pending: { message: string; slot: Slot } | null = null;

  constructor(private readonly around: Surroundings) {
    this.line = new Line(around.fetch, around.wait, around.solve);
  }

  /** Load what will be needed, the same for everybody; what fails here is loaded when it is needed. */
  async prepare(): Promise<void> {
    await Promise.allSettled([this.list(this.around.language), this.verifiedSheet(NEVER)]);
  }

  /** The eleven words of whoever vouches for this place, for somebody who was told them. */
  async placeWords(): Promise<string[]> {
    return this.telling(async () => {
      const [list, sheet] = await Promise.all([this.list(this.around.language), this.verifiedSheet(NEVER)]);
      return writeFingerprint(sheet.fingerprint, list);
    });
  }

  /** When somebody last read, as far as a board key vouches for it. */
  async attendance(): Promise<Attending> {
    return this.telling(async () => {
      const sheet = await this.verifiedSheet(NEVER);
      const now = today(this.around.now());
      const block = await this.line.get("/v1/attendance", NEVER);
      let day: number | null;
      try {
        day = attendanceDay(block, sheet.boards, now);
      } catch {
        return { state: "unchecked", day: 0 };
      }
      if (day === null) return { state: "never", day: 0 };
      const ago = now - day;
      const state = ago <= 0 ? "today" : ago === 1 ? "yesterday" : ago <= SILENT_DAYS ? "recent" : "old";
      return { state, day };
    });
  }

  /**
   * Make words for a new conversation; its keys are derived while the person writes.
   *
   * Nobody is asked to write before it is known that what they write can be sealed to the right key.
   */
  async newWords(): Promise<string[]> {
    return this.telling(async () => {
      const [list] = await Promise.all([this.list(this.around.language), this.verifiedSheet(NEVER)]);
      const entropy = this.around.random(ENTROPY_BYTES);
      this.take(receiptOf(entropy));
      return writeWords(entropy, list);
    });
  }

  /** Take typed words; throws the problem where they are not words of ours. */
  async enter(typed: string): Promise<void> {
    await this.telling(async () => {
      const reading = readWords(typed, await this.listsFor(typed));
      if (reading.kind === "unknown_word") throw new Problem("unknown_word", reading.word);
      if (reading.kind !== "read") throw new Problem(reading.kind);
      this.take(receiptOf(reading.entropy));
    });
  }

  /** Seal a message and send it. The same message after a failure goes under the same id, in the same bytes. */
  async send(message: Omit<Message, "language">, { signal, onWait, onSending }: Sending): Promise<void> {
    await this.telling(async () => {
      const text = cleanText(message.text);
      if (message.action === "write" && text === "" && message.files.length === 0) throw new Problem("empty");
      if (message.text.length > TEXT_UNITS_MAX) throw new Problem("too_long");
      const whole: Message = { ...message, text, language: this.around.language };
      const { id, bytes } = await this.slotFor(whole, signal);
      onSending();
      await this.line.put("intake", id, bytes, { signal, onWait });
      this.pending = null;
    });
  }

  /** Put a chunk of a file; a line that breaks is waited for. */
  async putChunk(id: Bytes, bytes: Bytes, waiting: Waiting): Promise<void> {
    await this.line.put("chunk", id, bytes, waiting);
  }

  /**
   * Look for answers to the words that were entered.
   *
   * Whatever the words: the sheet, the board, and one bucket, so that the line shows the same.
   */
  async read(signal: AbortSignal): Promise<Answers> {
    return this.telling(async () => {
      const receipt = await this.ownReceipt();
      const sheet = await this.verifiedSheet(signal);
      const board = readBoard(await this.line.get("/v1/board", signal), sheet.boards, today(this.around.now()));
      const choice = chooseBucket(board, receipt.tagKey);
      if (!choice) {
        if (board.doubtful) throw new Problem("unchecked");
        return { answers: [], closed: false, more: false };
      }
      const bucket = await this.line.get(`/v1/bucket/${hex(choice.bucket)}`, signal);
      const answers = readBucket(bucket, choice, receipt);
      if (choice.cell === null && board.doubtful) throw new Problem("unchecked");
      return answers;
    });
  }

  /** Drop the keys. */
  forget(): void {
    this.receipt = null;
    this.pending = null;
  }

  private take(receipt: Promise<Receipt>): void {
    receipt.catch(() => undefined);
    this.receipt = receipt;
    this.pending = null;
  }

  private ownReceipt(): Promise<Receipt> {
    return this.receipt ?? Promise.reject(new Problem("other"));
  }

  private async slotFor(message: Message, signal: AbortSignal): Promise<Slot> {
    const key = JSON.stringify(message);
    if (this.pending?.message !== key) {
      const { intakeKey } = await this.verifiedSheet(signal);
      const slot = sealMessage(message, await this.ownReceipt(), intakeKey, this.around.random);
      this.pending = { message: key, slot };
    }
    return this.pending.slot;
  }

  /** The page's own list; the others only for words that are not of it, since each costs seconds. */
  private async listsFor(typed: string): Promise<WordList[]> {
    const { language, languages } = this.around;
    if (suffices(typed, null)) return [];
    if (languages.includes(language)) {
      const own = await this.list(language);
      if (suffices(typed, own)) return [own];
    }
    return Promise.all(languages.map((one) => this.list(one)));
  }

  /** The list of a language; where it has none, digit groups, for which nothing is loaded. */
  private list(language: string): Promise<WordList> {
    if (!this.around.languages.includes(language)) return Promise.resolve(DIGITS);
    const known = this.lists.get(language);
    if (known) return known;
    const list = this.line.get(`/static/words-${language}.txt`, NEVER).then((bytes) => parseList(fromUtf8(bytes)));
    this.lists.set(language, list);
    list.catch(() => this.lists.delete(language));
    return list;
  }

  private verifiedSheet(signal: AbortSignal): Promise<Sheet> {
    const now = this.around.now();
    if (this.sheet && now - this.sheet.asked < SHEET_MILLISECONDS) return this.sheet.sheet;
    const sheet = this.line
      .get("/v1/sheet", signal)
      .then((blob) => verifySheet(blob, { day: today(now), fingerprint: readFragment(this.around.fragment) }));
    this.sheet = { asked: now, sheet };
    sheet.catch(() => (this.sheet = null));
    return sheet;
  }

  /** Turn every refusal into the problem whose sentence the page has. */
  private async telling<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Refused) throw new Problem(PROBLEMS[error.reason] ?? "unchecked");
      throw error;
    }
  }
}

/** A worker of our own, loaded only when a puzzle is set; stopping ends it. */
function solveInWorker(puzzle: string, id: Bytes, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const worker = new Worker("/static/work.js", { type: "module" });
    const end = (settle: () => void): void => {
      worker.terminate();
      settle();
    };
    worker.onmessage = ({ data }: MessageEvent<string>) => {
      end(() => {
        resolve(data);
      });
    };
    worker.onerror = () => {
      end(() => {
        reject(new Problem("busy"));
      });
    };
    signal.addEventListener("abort", () => {
      end(() => {
        reject(new Error("stopped"));
      });
    });
    worker.postMessage({ puzzle, id });
  });
}

export function begin(around: Omit<Surroundings, "random" | "now" | "solve">): Session {
  return new Session({
    ...around,
    solve: solveInWorker,
    random: systemRandom,
    now: () => Date.now(),
  });
}
