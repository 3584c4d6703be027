/** One piece of work that a person started with a button: what goes on is said, and it can be stopped. */

import { saying } from "./pages";

/** Short work is not worth a word. */
const QUIET_MILLISECONDS = 400;

export interface Job {
  signal: AbortSignal;
  /** Say what goes on; `seconds` count down behind the sentence. */
  say: (key: string, seconds?: number) => void;
  /** Say how far it is. */
  tell: (key: string, progress: string) => void;
}

/** Run work for a form. Its buttons rest meanwhile; stopping it leaves everything as it was. */
export async function runJob(form: HTMLFormElement, work: (job: Job) => Promise<void>): Promise<void> {
  const controller = new AbortController();
  const status = form.querySelector<HTMLElement>("[data-progress]");
  const stop = form.querySelector<HTMLButtonElement>("[data-stop]");
  const buttons = document.querySelectorAll<HTMLButtonElement>("main button[type=submit]");
  let later: ReturnType<typeof setTimeout> | undefined;
  let ticking: ReturnType<typeof setInterval> | undefined;

  const say = (key: string, seconds?: number): void => {
    clearTimeout(later);
    clearInterval(ticking);
    if (!status || !stop) return;
    const sentence = saying(key);
    let left = seconds ?? 0;
    const write = (): void => {
      status.textContent = seconds === undefined ? sentence : `${sentence} ${left}`;
      stop.hidden = false;
      left = Math.max(left - 1, 0);
    };
    if (seconds === undefined) {
      later = setTimeout(write, status.textContent === "" ? QUIET_MILLISECONDS : 0);
    } else {
      write();
      // The count changes on screen; it would be a torment read aloud every second.
      status.setAttribute("aria-live", "off");
      ticking = setInterval(write, 1000);
    }
  };

  const tell = (key: string, progress: string): void => {
    clearTimeout(later);
    clearInterval(ticking);
    if (!status || !stop) return;
    status.setAttribute("aria-live", "off");
    status.textContent = `${saying(key)} ${progress}`;
    stop.hidden = false;
  };

  for (const button of buttons) button.disabled = true;
  stop?.addEventListener("click", () => {
    controller.abort();
  });
  try {
    await work({ signal: controller.signal, say, tell });
  } catch (error) {
    if (!controller.signal.aborted) throw error;
  } finally {
    clearTimeout(later);
    clearInterval(ticking);
    for (const button of buttons) button.disabled = false;
    status?.removeAttribute("aria-live");
    if (status) status.textContent = "";
    if (stop) stop.hidden = true;
  }
}

/** Wait, unless it is stopped. */
export function wait(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, seconds * 1000);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(new Error("stopped"));
    });
  });
}
