// The desk's comforts: keys, a palette, pages that keep up by themselves. Every page works without it.

import htmx from "htmx.org";
import { watchAnswer } from "./answer";
import { blank } from "./blank";
import { listenToKeys } from "./keys";

// htmx must neither evaluate text, nor add styles, nor keep a page in the browser's storage.
htmx.config.allowEval = false;
htmx.config.allowScriptTags = false;
htmx.config.includeIndicatorStyles = false;
htmx.config.historyEnabled = false;
htmx.config.historyCacheSize = 0;
htmx.config.selfRequestsOnly = true;
htmx.config.timeout = 10_000;

interface Asked {
  elt: HTMLElement;
  headers: Record<string, string>;
  triggeringEvent?: Event;
}

const versions = new WeakMap<Element, string>();

/** What a page asks for by itself is no sign that somebody sits there; and it says which version it has. */
document.addEventListener("htmx:configRequest", (event) => {
  const { elt, headers, triggeringEvent } = (event as CustomEvent<Asked>).detail;
  if (triggeringEvent?.isTrusted === true) return;
  headers["Desk-Quiet"] = "1";
  headers["Desk-Have"] = versions.get(elt) ?? "";
});

document.addEventListener("htmx:afterRequest", (event) => {
  const { elt, xhr } = (event as CustomEvent<{ elt: Element; xhr: XMLHttpRequest }>).detail;
  const version = xhr.getResponseHeader("Desk-Version");
  if (version !== null) versions.set(elt, version);
});

/** The desk has ended: what it showed must not stay on the screen. Twice, since it may just be locking. */
let failures = 0;
document.addEventListener("htmx:sendError", () => {
  failures += 1;
  if (failures > 1) blank(document.body.dataset["ended"] ?? "");
});
document.addEventListener("htmx:afterOnLoad", () => {
  failures = 0;
});

/** Whoever types or reads for long is there, even if no page is asked for. */
const ACTIVE_EVERY_MS = 20_000;
let lastActive = Date.now();
function active(): void {
  if (Date.now() - lastActive < ACTIVE_EVERY_MS) return;
  lastActive = Date.now();
  void fetch("/active", {
    method: "POST",
    body: new URLSearchParams(),
    keepalive: true,
  }).catch(() => undefined);
}
// Who listens to a voice sits there as well; a sound has an end.
for (const kind of ["keydown", "pointerdown", "wheel", "timeupdate"]) {
  window.addEventListener(kind, active, { capture: true, passive: true });
}

/** A page from the back-forward cache may be older than a lock. */
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

/** Say what goes on where a form takes more than a second, and don't send it twice. */
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (!(button instanceof HTMLButtonElement)) return;
  const working = button.dataset["working"];
  if (working !== undefined) {
    button.textContent = working;
    // A disabled button would not be sent along; what it is called does not matter to these forms.
    setTimeout(() => {
      button.disabled = true;
    });
  }
});

function start(): void {
  listenToKeys();
  watchAnswer();
  const thread = document.getElementById("thread");
  const last = thread?.lastElementChild;
  if (thread && last) {
    // The newest words in sight; of a long message its beginning, not its end.
    thread.scrollTop = thread.scrollHeight;
    if (last.clientHeight > thread.clientHeight) thread.scrollTop = (last as HTMLElement).offsetTop - thread.offsetTop - 16;
  }
  document.querySelector(".list [aria-current=page]")?.scrollIntoView({ block: "nearest" });
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-copy], [data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const from = button.dataset["copy"];
      if (from === undefined) {
        window.print();
        return;
      }
      const text = document.getElementById(from)?.textContent ?? "";
      void navigator.clipboard.writeText(text.trim()).then(() => {
        button.textContent = button.dataset["done"] ?? "";
      });
    });
  }
}

start();
