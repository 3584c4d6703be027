/** A worker that solves one puzzle, so that the page stays alive meanwhile. Loaded only when one is set. */

import { solve } from "../shared/puzzle";

interface Task {
  puzzle: string;
  id: Uint8Array;
}

addEventListener("message", ({ data }: MessageEvent<Task>) => {
  postMessage(solve(data.puzzle, data.id));
});
