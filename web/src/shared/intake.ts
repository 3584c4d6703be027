/** Intake slots: what a person sends (docs/FORMAT.md, section 5). */

import { encrypt, OVERHEAD_BYTES } from "./age";
import { base64url, type Bytes, type Random, utf8 } from "./bytes";
import { publicKey } from "./hybrid";
import { pad } from "./padding";
import type { Receipt } from "./receipt";
import { sign } from "./signed";
import { cleanText } from "./text";

export const SLOT_BYTES = 32_768;

export type Action = "write" | "read" | "close" | "forced";

/** A file whose chunks were put before the message; see docs/FORMAT.md, section 5. */
export interface Attachment {
  key: string;
  kind: "file" | "voice";
  name: string;
  type: string;
  size: number;
}

export interface Message {
  action: Action;
  language: string;
  /** Numbers of the first and the last answer on the page, 0 for none: what did not fit there was not seen. */
  firstAnswer: number;
  lastAnswer: number;
  text: string;
  files: readonly Attachment[];
}

/** A slot ready to be sent: a retry sends exactly this again. */
export interface Slot {
  id: Bytes;
  bytes: Bytes;
}

/** Seal a message of this conversation to the centre's intake key. */
export function sealMessage(message: Message, receipt: Receipt, intakeKey: Uint8Array, random: Random): Slot {
  const id = random(16);
  const content = {
    v: 1,
    conversation: base64url(receipt.conversation),
    message: base64url(id),
    tag_key: base64url(receipt.tagKey),
    answer_key: base64url(publicKey(receipt.answerSeed)),
    verify_key: base64url(receipt.verifyKey),
    path: "script",
    language: message.language,
    action: message.action,
    first_answer: message.firstAnswer,
    last_answer: message.lastAnswer,
    text: cleanText(message.text),
    files: message.files,
  };
  const signed = sign(utf8(JSON.stringify(content)), "causeway/intake/1", receipt.verifySeed);
  return { id, bytes: encrypt(pad(signed, SLOT_BYTES - OVERHEAD_BYTES), intakeKey, random) };
}
