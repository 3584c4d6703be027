/**
 * Files on their way: read piece by piece from the phone, sealed, put. Loaded when somebody adds a file.
 *
 * What was put stays put: after a break, the next try goes on with the first chunk that is missing.
 */

import { base64url, type Bytes, type Random, systemRandom } from "../shared/bytes";
import { CHUNK_ROOM, chunkCount, cleanName, cleanType, FILE_BYTES_MAX, FILES_MAX, sealChunk } from "../shared/chunks";
import type { Attachment } from "../shared/intake";

export { FILE_BYTES_MAX, FILES_MAX };

export interface Chosen {
  blob: Blob;
  kind: Attachment["kind"];
  name: string;
}

export type PutChunk = (id: Bytes, bytes: Bytes) => Promise<void>;

export class Upload {
  private readonly key: Bytes;
  private done = 0;

  constructor(
    readonly chosen: Chosen,
    private readonly random: Random = systemRandom,
  ) {
    this.key = random(32);
  }

  get chunks(): number {
    return chunkCount(this.chosen.blob.size);
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

/** `Blob.arrayBuffer` is younger than some phones. */
function bytesOf(blob: Blob): Promise<Bytes> {
  return new Response(blob).arrayBuffer().then((buffer) => new Uint8Array(buffer));
}
