/** The line to the door: its requests, and what goes wrong with them. Knows no keys. */

import { type Bytes, hex } from "../shared/bytes";

/** Names the sentence that the page shows; see the problem texts in the templates. */
export type ProblemKey =
  | "answer_unreadable"
  | "busy"
  | "empty"
  | "file_too_large"
  | "file_unreadable"
  | "files_full"
  | "full"
  | "no_microphone"
  | "not_loaded"
  | "old"
  | "one_word_wrong"
  | "other"
  | "too_long"
  | "too_many_files"
  | "unchecked"
  | "unknown_word"
  | "unreachable"
  | "word_count"
  | "wrong_centre";

export class Problem extends Error {
  constructor(
    readonly key: ProblemKey,
    readonly word?: string,
  ) {
    super(key);
  }
}

export type Fetch = (path: string, init: RequestInit) => Promise<Response>;
export type Wait = (seconds: number, signal: AbortSignal) => Promise<void>;
export type Solve = (puzzle: string, id: Bytes, signal: AbortSignal) => Promise<string>;

export interface Waiting {
  signal: AbortSignal;
  onWait: (seconds: number) => void;
}

const WAIT_SECONDS = 30;
const WAIT_SECONDS_MAX = 600;
/** A long line is better waited for by a person, who can also stop. */
const WAITS_MAX = 20;
/** A file is worth waiting for a line that broke; a text is sooner sent again by hand. */
const BREAK_SECONDS = [2, 4, 8, 15, 30, 60, 60, 60];

export class Line {
  constructor(
    private readonly fetch: Fetch,
    private readonly wait: Wait,
    private readonly solve: Solve,
  ) {}

  async get(path: string, signal: AbortSignal): Promise<Bytes> {
    const answer = await this.ask(path, { method: "GET", signal });
    if (answer.status !== 200) throw new Problem(problemOf(answer.status));
    try {
      return new Uint8Array(await answer.arrayBuffer());
    } catch (error) {
      throw stoppedOr(error, signal);
    }
  }

  /**
   * Put a slot or a chunk. While the lane is full, solve the puzzle that it sets or wait as long as it asks, and put
   * the same bytes again; where it was a chunk, wait for a broken line as well.
   */
  async put(kind: "intake" | "chunk", id: Bytes, bytes: Bytes, { signal, onWait }: Waiting): Promise<void> {
    let work = "";
    let breaks = 0;
    for (let tries = 0; tries < WAITS_MAX; tries += 1) {
      let seconds: number;
      try {
        const headers: Record<string, string> = work ? { "Causeway-Work": work } : {};
        const answer = await this.ask(`/v1/${kind}/${hex(id)}`, { method: "PUT", body: bytes, headers, signal });
        if (answer.status === 200 || answer.status === 201) return;
        const puzzle = answer.headers.get("causeway-puzzle");
        if (answer.status === 429 && puzzle) {
          work = await this.solve(puzzle, id, signal);
          continue;
        }
        const later = answer.status === 429 || (kind === "chunk" && answer.status === 503);
        if (answer.status === 507 && kind === "chunk") throw new Problem("files_full");
        if (!later) throw new Problem(problemOf(answer.status));
        seconds = secondsOf(answer.headers.get("retry-after"));
      } catch (error) {
        const broken = error instanceof Problem && error.key === "unreachable";
        const pause = BREAK_SECONDS[breaks];
        if (kind !== "chunk" || !broken || pause === undefined) throw error;
        breaks += 1;
        seconds = pause;
      }
      onWait(seconds);
      await this.wait(seconds, signal);
    }
    throw new Problem("busy");
  }

  private async ask(path: string, init: RequestInit & { signal: AbortSignal }): Promise<Response> {
    try {
      return await this.fetch(path, { cache: "no-store", credentials: "omit", redirect: "error", ...init });
    } catch (error) {
      throw stoppedOr(error, init.signal);
    }
  }
}

/** What a person stopped is passed on as it is; anything else is the line's fault. */
function stoppedOr(error: unknown, signal: AbortSignal): unknown {
  return signal.aborted ? error : new Problem("unreachable");
}

function secondsOf(header: string | null): number {
  const seconds = /^\d{1,6}$/.test(header ?? "") ? Number(header) : WAIT_SECONDS;
  return Math.min(Math.max(seconds, 1), WAIT_SECONDS_MAX);
}

function problemOf(status: number): ProblemKey {
  if (status === 429 || status === 503) return "busy";
  if (status === 507) return "full";
  if (status === 408 || status === 502 || status === 504) return "unreachable";
  return "other";
}
