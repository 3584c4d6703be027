/** Files and voice of the message that is being written. Loaded when somebody adds the first one. */

import type { Attachment } from "../shared/intake";
import { FILE_BYTES_MAX, FILES_MAX } from "../shared/chunks";
import { Problem } from "./line";
import { type PutChunk, Upload } from "./upload";
import { type Recording, record } from "./voice";

export interface Shown {
  /** Make a row of the list from the page's own. */
  row: () => HTMLElement;
  saying: (key: string) => string;
}

const SECOND_FORMAT = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${(seconds % 60).toString().padStart(2, "0")}`;

export class Files {
  private uploads: Upload[] = [];
  private recording: Recording | null = null;
  private readonly addresses: string[] = [];

  constructor(
    private readonly place: HTMLElement,
    private readonly shown: Shown,
  ) {}

  /** Take what was chosen; what can't go is left out, and said. */
  add(chosen: Iterable<File>): void {
    let problem: Problem | null = null;
    for (const file of chosen) {
      if (this.uploads.length >= FILES_MAX) problem = new Problem("too_many_files");
      else if (file.size === 0 || file.size > FILE_BYTES_MAX) problem ??= new Problem("file_too_large");
      else this.list(new Upload({ blob: file, kind: "file", name: file.name }));
    }
    if (problem) throw problem;
  }

  /** Record until the button that appears is pressed. */
  async record(): Promise<void> {
    if (this.recording) return;
    const start = this.place.querySelector<HTMLElement>("[data-record]");
    const stop = this.place.querySelector<HTMLElement>("[data-record-stop]");
    const seconds = this.place.querySelector<HTMLElement>("[data-seconds]");
    const turn = (on: boolean): void => {
      if (start) start.hidden = on;
      if (stop) stop.hidden = !on;
      (on ? stop : start)?.focus();
    };
    const show = (count: number): void => {
      if (seconds) seconds.textContent = SECOND_FORMAT(count);
    };
    show(0);
    this.recording = await record(show, (voice) => {
      this.recording = null;
      turn(false);
      if (voice.size > 0 && this.uploads.length < FILES_MAX) this.list(new Upload({ blob: voice, kind: "voice", name: "" }));
    });
    turn(true);
  }

  stopRecording(): void {
    this.recording?.stop();
  }

  /** Put everything that is not yet there; returns what the message says about it. */
  async send(put: PutChunk, onProgress: (done: number, of: number) => void): Promise<Attachment[]> {
    const of = this.uploads.reduce((sum, { chunks }) => sum + chunks, 0);
    const tell = (): void => {
      onProgress(
        this.uploads.reduce((sum, { chunksDone }) => sum + chunksDone, 0),
        of,
      );
    };
    if (of > 0) tell();
    for (const upload of this.uploads) await upload.run(put, tell);
    return this.uploads.map((upload) => upload.attachment());
  }

  forget(): void {
    this.recording?.stop();
    this.uploads = [];
    for (const address of this.addresses) URL.revokeObjectURL(address);
  }

  private list(upload: Upload): void {
    const { blob, kind, name } = upload.chosen;
    const row = this.shown.row();
    const set = (selector: string, text: string): void => {
      const slot = row.querySelector(selector);
      if (slot) slot.textContent = text;
    };
    set("[data-name]", kind === "voice" ? this.shown.saying("voice") : name);
    set("[data-size]", `${Math.max(blob.size / 1_000_000, 0.1).toFixed(1)} ${this.shown.saying("megabytes")}`);
    if (kind === "voice") {
      const audio = document.createElement("audio");
      const address = URL.createObjectURL(blob);
      this.addresses.push(address);
      audio.src = address;
      audio.controls = true;
      row.querySelector("[data-size]")?.after(audio);
    }
    row.querySelector("[data-remove]")?.addEventListener("click", () => {
      this.uploads = this.uploads.filter((one) => one !== upload);
      row.remove();
    });
    this.place.querySelector("[data-file-list]")?.append(row);
    this.uploads.push(upload);
  }
}
