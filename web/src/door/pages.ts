/** Views from the templates that the server rendered: no sentence of the page is written in a script. */

const MAIN = document.querySelector("main") ?? document.body;

function find(selector: string): HTMLElement | null {
  return MAIN.querySelector<HTMLElement>(selector);
}

function sample(selector: string): Element {
  const found = document.querySelector<HTMLTemplateElement>("#views")?.content.querySelector(selector);
  if (!found) throw new Error(selector);
  return document.importNode(found, true);
}

/** Show a view instead of the one that is there, from its top, and say its heading aloud. */
export function show(name: string): void {
  MAIN.replaceChildren(...sample(`[data-view="${name}"]`).childNodes);
  withScript();
  scrollTo(0, 0);
  find("h1")?.focus();
}

/** Take away what is only true without script. */
export function withScript(): void {
  for (const note of MAIN.querySelectorAll("[data-plain]")) note.remove();
  const voice = find("[data-voice]");
  if (voice && typeof MediaRecorder === "function") voice.hidden = false;
}

/** Without a fingerprint from the link nothing says whose page this is: ask for the whole link. */
export function showUnlinked(): void {
  const note = find("[data-unlinked]");
  if (note) note.hidden = false;
}

/** Whether the view is there that asks for the whole link. */
export function isUnlinked(): boolean {
  return find("[data-unlinked]") !== null;
}

export function setAttendance(state: string, day: string): void {
  const place = find("[data-attendance]");
  if (!place) return;
  const text = sample(`[data-attendance-state="${state}"]`);
  for (const slot of text.querySelectorAll("[data-day]")) slot.textContent = day;
  place.replaceChildren(...text.childNodes);
}

/** Say what went wrong, above what it is about. */
export function showProblem(key: string, word = ""): void {
  const place = find("[data-problem]");
  if (!place) return;
  const text = sample(`[data-problem-text="${key}"]`);
  for (const slot of text.querySelectorAll("[data-word]")) slot.textContent = word;
  place.replaceChildren(text);
  place.hidden = false;
  place.scrollIntoView({ block: "center" });
}

export function hideProblem(): void {
  const place = find("[data-problem]");
  if (place) place.hidden = true;
}

/** A row of the list of files. */
export function fileRow(): HTMLElement {
  return sample("[data-file-row]") as HTMLElement;
}

/** Where files are added in the view that is there; `data-voice` shows where a voice can be recorded. */
export function filesPlace(): HTMLElement | null {
  return find("[data-files]");
}

export function saying(key: string): string {
  return sample(`[data-saying="${key}"]`).textContent;
}

export function setWords(words: readonly string[]): void {
  const items = words.map((word) => {
    const item = document.createElement("li");
    item.textContent = word;
    return item;
  });
  const list = find("[data-words]");
  list?.replaceChildren(...items);
  list?.closest("details")?.removeAttribute("hidden");
}

/** Fill the view of answers; what does not apply goes. */
export function setAnswers(
  answers: readonly { day: string; text: string }[],
  applies: Record<"some" | "none" | "more" | "closed", boolean>,
): void {
  const list = find("[data-answers]");
  const pattern = list?.firstElementChild;
  if (list && pattern) {
    const filled = answers.map((answer) => {
      const article = pattern.cloneNode(true) as Element;
      const [day, text] = article.children;
      if (day) day.textContent = answer.day;
      if (text) text.textContent = answer.text;
      return article;
    });
    list.replaceChildren(...filled);
  }
  for (const part of MAIN.querySelectorAll<HTMLElement>("[data-when]")) {
    if (!applies[part.dataset["when"] as keyof typeof applies]) part.remove();
  }
  find("h1")?.focus();
}

/** Cover the page in the same moment, empty it, and go; nothing stays to go back to. */
export function leave(address: string): void {
  document.documentElement.className = "left";
  wipe();
  location.replace(address);
}

export function wipe(): void {
  for (const field of document.querySelectorAll("textarea")) field.value = "";
  document.body.replaceChildren();
}
