import { expect, test } from "vitest";
import { systemRandom } from "../src/shared/bytes";
import { conversationOf, receiptOf } from "../src/shared/receipt";

test("with the browser's cryptography, without it, and where it fails, the keys are the same", async () => {
  const entropy = systemRandom(11);
  const own = await receiptOf(entropy);
  const failing = { importKey: () => Promise.reject(new Error("not here")) } as unknown as SubtleCrypto;
  expect(await receiptOf(entropy, null)).toEqual(own);
  expect(await receiptOf(entropy, failing)).toEqual(own);
  expect(own.conversation).toEqual(conversationOf(own.verifyKey));
});

test("other words are another conversation, and no two keys are the same", async () => {
  const one = await receiptOf(systemRandom(11));
  const other = await receiptOf(systemRandom(11));
  const keys = [one, other].flatMap((keys) => [keys.tagKey, keys.answerSeed, keys.verifySeed, keys.conversation]);
  expect(new Set(keys.map((key) => key.join())).size).toBe(8);
});
