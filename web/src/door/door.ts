/**
 * The door's page: takes over the forms that the server would answer, so that the browser seals.
 *
 * It lies in the page itself, so it runs before anybody can press a button, and it stands alone: what it shares
 * with the part that seals are types, and class fields, which share a helper in old syntax, stay out of it. Where something that it needs is missing it touches nothing, and the page
 * stays what it is without script.
 */

import { dayName } from "./dates";
import { type Job, runJob, wait } from "./job";
import * as pages from "./pages";
import type { Files } from "./files";
import type { Action, Answers, Attachment, Session } from "./seal";

type Sealer = typeof import("./seal");
type FilesPart = typeof import("./files");

const SCRIPT = document.querySelector<HTMLScriptElement>("script[data-language]");
const LANGUAGE = SCRIPT?.dataset["language"] ?? "";
/** Those with a list of words; the others have digit groups. */
const LANGUAGES = (SCRIPT?.dataset["languages"] ?? "").split(" ");
const SEALER = "/static/seal.js";
const FILES = "/static/files.js";

let fragment = "";
let loading: Promise<Session> | null = null;
let failures = 0;
let files: Promise<Files> | null = null;
let firstAnswer = 0;
let lastAnswer = 0;

/**
 * What will be needed is asked for while the part that seals is still on its way: on a slow line every round trip
 * costs a second. It counts for a minute, then it is asked for anew.
 */
const early = new Map<string, { asked: number; answer: Promise<Response> }>();
const EARLY_MILLISECONDS = 60_000;

function askEarly(...paths: string[]): void {
  for (const path of paths) {
    const answer = fetch(path, { cache: "no-store", credentials: "omit", redirect: "error" });
    answer.catch(() => undefined);
    early.set(path, { asked: Date.now(), answer });
  }
}

function ask(path: string, init: RequestInit): Promise<Response> {
  const known = early.get(path);
  early.delete(path);
  return known && Date.now() - known.asked < EARLY_MILLISECONDS ? known.answer : fetch(path, init);
}

/** The part that seals, loaded once; after a failure the next press loads it again. */
function session(): Promise<Session> {
  // A browser remembers a failed import under its address, so another try needs another one.
  const address = failures === 0 ? SEALER : `${SEALER}?${failures}`;
  loading ??= (import(address) as Promise<Sealer>).then(
    ({ begin }) => begin({ language: LANGUAGE, languages: LANGUAGES, fragment, wait, fetch: ask }),
    () => {
      failures += 1;
      loading = null;
      throw Object.assign(new Error(), { key: "not_loaded" });
    },
  );
  return loading;
}

function canRun(): boolean {
  return (
    typeof BigInt === "function" &&
    typeof TextEncoder === "function" &&
    typeof AbortController === "function" &&
    typeof Element.prototype.replaceChildren === "function" &&
    typeof crypto.getRandomValues === "function" &&
    typeof Promise.allSettled === "function"
  );
}

function tell(error: unknown): void {
  const { key, word } = error as { key?: string; word?: string };
  pages.showProblem(key ?? "other", word);
}

async function startWriting(job: Job): Promise<void> {
  job.say("loading");
  const words = await (await session()).newWords();
  firstAnswer = 0;
  lastAnswer = 0;
  pages.show("write");
  pages.setWords(words);
}

/** The part for files, loaded with the first one; it belongs to the view that is there. */
function filesHere(): Promise<Files> {
  const address = failures === 0 ? FILES : `${FILES}?${failures}`;
  files ??= (import(address) as Promise<FilesPart>).then(
    (part) => {
      const place = pages.filesPlace();
      if (!place) throw Object.assign(new Error(), { key: "other" });
      return new part.Files(place, { row: pages.fileRow, saying: pages.saying });
    },
    () => {
      failures += 1;
      files = null;
      throw Object.assign(new Error(), { key: "not_loaded" });
    },
  );
  return files;
}

function forgetFiles(): void {
  files?.then(
    (here) => {
      here.forget();
    },
    () => undefined,
  );
  files = null;
}

async function sendFiles(job: Job): Promise<Attachment[]> {
  const [visit, here] = await Promise.all([session(), filesHere()]);
  const waiting = {
    signal: job.signal,
    onWait: (seconds: number) => {
      job.say("files_waiting", seconds);
    },
  };
  return here.send(
    (id, bytes) => visit.putChunk(id, bytes, waiting),
    (done, of) => {
      job.tell("files", `${done} / ${of}`);
    },
  );
}

async function send(job: Job, action: Action, text: string, next: string): Promise<void> {
  const attachments = files && (action === "write" || action === "forced") ? await sendFiles(job) : [];
  job.say("locking");
  // The sentence has to be on the screen before the work that stops the screen begins.
  await wait(0.05, job.signal);
  await (await session()).send(
    { action, text, firstAnswer, lastAnswer, files: attachments },
    {
      signal: job.signal,
      onSending: () => {
        job.say("sending");
      },
      onWait: (seconds) => {
        job.say("waiting", seconds);
      },
    },
  );
  (await session()).forget();
  forgetFiles();
  pages.show(next);
}

async function lookForAnswers(job: Job, field: HTMLTextAreaElement): Promise<void> {
  job.say("reading");
  const visit = await session();
  await visit.enter(field.value);
  const answers = await visit.read(job.signal);
  field.value = "";
  showAnswers(answers);
}

function showAnswers({ answers, closed, more }: Answers): void {
  // Listed oldest first.
  firstAnswer = answers[0]?.n ?? 0;
  lastAnswer = answers[answers.length - 1]?.n ?? 0;
  const some = answers.length > 0;
  pages.show("answers");
  pages.setAnswers(
    answers.map(({ day, text }) => ({ day: dayName(day, LANGUAGE), text })),
    { some, none: !some, more, closed },
  );
}

function onSubmit(event: Event): void {
  event.preventDefault();
  const form = event.target as HTMLFormElement;
  const field = form.querySelector("textarea");
  const action = (form.querySelector<HTMLInputElement>("[name=action]")?.value ?? "write") as Action;
  const work: Record<string, (job: Job) => Promise<void>> = {
    start: startWriting,
    send: (job) => send(job, "write", field?.value ?? "", "sent"),
    // One page for all that can be done here: it must not show somebody looking on which button it was.
    act: (job) => send(job, action, field?.value ?? "", "done"),
    read: (job) => (field ? lookForAnswers(job, field) : Promise.resolve()),
  };
  const run = work[form.dataset["form"] ?? ""];
  if (!run) return;
  pages.hideProblem();
  runJob(form, run).catch(tell);
}

function onChange({ target }: Event): void {
  const field = target as HTMLInputElement;
  if (field.type !== "file") return;
  const chosen = [...(field.files ?? [])];
  field.value = "";
  pages.hideProblem();
  filesHere()
    .then((here) => {
      here.add(chosen);
    })
    .catch(tell);
}

function onVoice(button: HTMLElement): void {
  pages.hideProblem();
  filesHere()
    .then((here) => {
      if (button.dataset["record"] !== undefined) return here.record();
      here.stopRecording();
      return undefined;
    })
    .catch(tell);
}

function onClick(event: Event): void {
  const voice = (event.target as Element).closest<HTMLElement>("[data-record], [data-record-stop]");
  if (voice) onVoice(voice);
  const link = (event.target as Element).closest<HTMLAnchorElement>("a");
  const view = link?.dataset["go"];
  if (link?.id === "exit") {
    event.preventDefault();
    pages.leave(link.href);
  } else if (view) {
    event.preventDefault();
    forgetFiles();
    pages.show(view);
    if (view === "return") askEarly("/v1/board");
    // Whoever goes back to the start, or in to look for an answer, has no use for the words that were there.
    void session().then(
      (visit) => {
        visit.forget();
      },
      () => undefined,
    );
    if (view === "welcome") void checkPlace();
  } else if (link?.dataset["languageLink"] !== undefined) {
    // The fragment says which centre this must be; it goes with the person into the other language.
    link.hash = fragment;
  }
}

/** Fill the first view with what can be checked about this place. */
async function checkPlace(): Promise<void> {
  if (!fragment) {
    pages.showUnlinked();
    await showPlaceWords();
  }
  await checkAttendance();
}

/** Without the centre's name in the link, somebody who was told its words can compare them. */
async function showPlaceWords(): Promise<void> {
  try {
    const words = await (await session()).placeWords();
    // Meanwhile another view, with words of its own, may be there.
    if (pages.isUnlinked()) pages.setWords(words);
  } catch {
    // Without a sheet to believe there are no words; what is wrong is said with the attendance.
  }
}

/** Replace what the server says about the last reader by what can be checked. */
async function checkAttendance(): Promise<void> {
  try {
    const { state, day } = await (await session()).attendance();
    pages.setAttendance(state, dayName(day, LANGUAGE));
  } catch (error) {
    const { key } = error as { key?: string };
    // A line that broke says nothing about who is here; the sentence of the server stays.
    if (key !== "unreachable" && key !== "not_loaded" && key !== "busy") pages.setAttendance("unchecked", "");
  }
}

function start(): void {
  fragment = location.hash;
  if (fragment) history.replaceState(null, "", location.pathname);
  pages.withScript();
  if (!fragment) pages.showUnlinked();
  document.addEventListener("submit", onSubmit);
  document.addEventListener("click", onClick);
  document.addEventListener("change", onChange);
  addEventListener("pagehide", pages.wipe);
  // A link followed from elsewhere to where the person already is: a new visit, to the centre that it names.
  addEventListener("hashchange", () => {
    location.reload();
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
  const sealer = session();
  if (LANGUAGES.includes(LANGUAGE)) askEarly(`/static/words-${LANGUAGE}.txt`);
  askEarly("/v1/sheet", "/v1/attendance");
  if (document.querySelector("main form[data-form=read]")) askEarly("/v1/board");
  sealer.then(
    async (visit) => {
      await visit.prepare();
      await checkPlace();
    },
    () => undefined,
  );
}

if (canRun()) start();
