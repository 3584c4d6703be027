// Keys: Ctrl Space locks from anywhere; letters work outside fields alone.

import { lock } from "./blank";

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]");
}

function palette(): HTMLDialogElement | null {
  const dialog = document.getElementById("palette");
  return dialog instanceof HTMLDialogElement ? dialog : null;
}

function togglePalette(): void {
  const dialog = palette();
  if (dialog === null) return;
  if (dialog.open) dialog.close();
  else dialog.showModal();
}

/** Step through the rows of the list that is in front. */
function step(by: 1 | -1): void {
  const dialog = palette();
  const front: ParentNode = dialog?.open === true ? dialog : document;
  const rows = [...front.querySelectorAll<HTMLElement>("[data-row]")].filter((row) => row.offsetParent !== null);
  const at = rows.findIndex((row) => row === document.activeElement);
  const chosen = at < 0 ? rows.findIndex((row) => row.hasAttribute("aria-current")) : at;
  const next = chosen < 0 ? (by === 1 ? 0 : rows.length - 1) : chosen + by;
  rows[Math.min(Math.max(next, 0), rows.length - 1)]?.focus();
}

function leave(): void {
  const focused = document.activeElement;
  if (focused instanceof HTMLElement && typing(focused)) {
    focused.blur();
    return;
  }
  const back = document.querySelector<HTMLAnchorElement>(".head .back");
  if (back !== null) location.assign(back.href);
}

function letter(key: string): boolean {
  switch (key) {
    case "j":
      step(1);
      return true;
    case "k":
      step(-1);
      return true;
    case "r":
      document.getElementById("answer-text")?.focus();
      return true;
    case ".": {
      const open = document.querySelector<HTMLElement>("[data-conversation]")?.dataset["conversation"] ?? "";
      location.assign(`/next?but=${open}`);
      return true;
    }
    case "?":
      location.assign("/help");
      return true;
    default:
      return false;
  }
}

/** The letter at this place of a Latin keyboard: `j` is `о` on a Russian one. */
function latin(event: KeyboardEvent): string {
  if (/^[\x20-\x7e]$/.test(event.key)) return event.key;
  const place = /^Key([A-Z])$/.exec(event.code);
  return place?.[1]?.toLowerCase() ?? event.key;
}

function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey && event.code === "Space") {
    event.preventDefault();
    event.stopImmediatePropagation();
    lock();
    return;
  }
  if (document.body.dataset["state"] !== "open" || event.isComposing) return;
  const key = latin(event);
  if ((event.ctrlKey || event.metaKey) && key === "k") {
    event.preventDefault();
    togglePalette();
    return;
  }
  const inPalette = palette()?.open === true;
  if (inPalette && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    event.preventDefault();
    step(event.key === "ArrowDown" ? 1 : -1);
    return;
  }
  if (event.ctrlKey && event.key === "Enter" && event.target instanceof HTMLTextAreaElement) {
    event.preventDefault();
    event.target.form?.requestSubmit(event.target.form.querySelector<HTMLElement>("button.main"));
    return;
  }
  if (event.key === "Escape" && !inPalette) {
    leave();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (letter(key)) event.preventDefault();
}

export function listenToKeys(): void {
  window.addEventListener("keydown", onKey, { capture: true });
  document.querySelector("[data-lock]")?.addEventListener("submit", (event) => {
    event.preventDefault();
    lock();
  });
}
