/**
 * One file on its way: read piece by piece from the phone, sealed, put.
 *
 * What was put stays put: after a break, the next try goes on with the first chunk that is missing.
 */

import { base64url, type Bytes, type Random, systemRandom } from "../shared/bytes";
import { CHUNK_ROOM, chunkCount, cleanName, cleanType, sealChunk } from "../shared/chunks";
import type { Attachment } from "../shared/intake";
import { Problem } from "./line";

export interface Chosen {
  blob: Blob;
  kind: Attachment["kind"];
  name: string;
}

export type PutChunk = (id: Bytes, bytes: Bytes) => Promise<void>;

export class Upload {
  readonly chunks: number;
  private readonly key: Bytes;
  private done = 0;

  constructor(
    readonly chosen: Chosen,
    private readonly random: Random = systemRandom,
  ) {
    this.key = random(32);
    this.chunks = chunkCount(chosen.blob.size);
  }

  get chunksDone(): number {
    return this.done;
  }

  /** Put what is missing. Where it breaks off, calling it again goes on from there. */
  async run(put: PutChunk, onProgress: () => void): Promise<void> {
    const { blob } = this.chosen;
    while (this.done < this.chunks) {
      const piece = await bytesOf(blob.slice(this.done * CHUNK_ROOM, (this.done + 1) * CHUNK_ROOM));
      const { id, bytes } = sealChunk(piece, this.key, this.done, this.random);
      await put(id, bytes);
      this.done += 1;
      onProgress();
    }
  }

  /** What the message says about the file. */
  attachment(): Attachment {
    const { blob, kind, name } = this.chosen;
    return { key: base64url(this.key), kind, name: cleanName(name), type: cleanType(blob.type), size: blob.size };
  }
}

/** `Blob.arrayBuffer` is younger than some phones. A file that was moved or changed since can't be read. */
async function bytesOf(blob: Blob): Promise<Bytes> {
  try {
    return new Uint8Array(await new Response(blob).arrayBuffer());
  } catch {
    throw new Problem("file_unreadable");
  }
}
