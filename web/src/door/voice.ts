/** A voice, recorded in the page's memory; nothing of it touches a file. */

import { Problem } from "./line";

/** What browsers record, the most compact first. */
const TYPES = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4", "audio/webm"];
const BITS_A_SECOND = 24_000;
/** At 24 kbit/s 25 MB are over two hours; nobody speaks for longer by intention. */
const SECONDS_MAX = 3600;

export interface Recording {
  /** End it; what was said is handed to `onEnd`. */
  stop: () => void;
}

/** Ask for the microphone and record until stopped. */
export async function record(onSecond: (seconds: number) => void, onEnd: (voice: Blob) => void): Promise<Recording> {
  let stream: MediaStream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  } catch {
    throw new Problem("no_microphone");
  }
  const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type));
  const recorder = new MediaRecorder(stream, { audioBitsPerSecond: BITS_A_SECOND, ...(mimeType ? { mimeType } : {}) });
  const parts: Blob[] = [];
  let seconds = 0;
  const stop = (): void => {
    if (recorder.state !== "inactive") recorder.stop();
  };
  const ticking = setInterval(() => {
    seconds += 1;
    onSecond(seconds);
    if (seconds >= SECONDS_MAX) stop();
  }, 1000);
  recorder.ondataavailable = ({ data }) => parts.push(data);
  recorder.onstop = () => {
    clearInterval(ticking);
    for (const track of stream.getTracks()) track.stop();
    onEnd(new Blob(parts, { type: recorder.mimeType }));
  };
  recorder.start(1000);
  return { stop };
}
