// The answer field: how much room is left, and prepared words that go in where the cursor stands.

const encoder = new TextEncoder();

/** Bytes that a text takes on the board: as JSON, without its quotes. */
export function boardBytes(text: string): number {
  return encoder.encode(JSON.stringify(text)).length - 2;
}

/** About how many letters fit into so many bytes, by what was typed so far. */
export function letters(bytes: number, text: string): number {
  const each = text === "" ? 2 : boardBytes(text) / Array.from(text).length;
  return Math.floor(bytes / each);
}

function showRoom(field: HTMLTextAreaElement, line: HTMLElement): void {
  if (field.value === "") return;
  const left = Number(field.dataset["room"]) - boardBytes(field.value);
  const words = field.dataset[left < 0 ? "fullWords" : "roomWords"] ?? "";
  const count = letters(Math.abs(left), field.value);
  const rounded = count < 100 ? count : Math.floor(count / 50) * 50;
  const said = words.replace("{n}", rounded.toLocaleString(document.documentElement.lang));
  if (line.textContent !== said) line.textContent = said;
}

function insert(field: HTMLTextAreaElement, words: string): void {
  const before = field.value.slice(0, field.selectionStart);
  const lead = before === "" || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
  field.setRangeText(lead + words, field.selectionStart, field.selectionEnd, "end");
  field.focus();
  field.dispatchEvent(new Event("input"));
}

export function watchAnswer(): void {
  const field = document.getElementById("answer-text");
  const line = document.getElementById("answer-room");
  if (!(field instanceof HTMLTextAreaElement) || line === null) return;
  field.addEventListener("input", () => {
    showRoom(field, line);
  });
  showRoom(field, line);
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-words]")) {
    button.addEventListener("click", (event) => {
      event.preventDefault();
      insert(field, button.dataset["words"] ?? "");
      button.closest("details")?.removeAttribute("open");
    });
  }
}
