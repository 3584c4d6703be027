// The other side of test_browser_code.py: the browser's own modules, bundled as they are for the page.
// One JSON list of requests on stdin, one of answers on stdout; binary fields are base64. The only argument is
// the repository's web folder.
import path from "node:path";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";

const web = process.argv[2];
const { build } = await import(pathToFileURL(path.join(web, "node_modules/esbuild/lib/main.js")).href);
const modules = ["attendance", "board", "bytes", "hybrid", "intake", "receipt", "sheet", "words"];
const { outputFiles } = await build({
  bundle: true,
  format: "esm",
  target: "es2020",
  write: false,
  stdin: {
    contents: modules.map((name) => `export * as ${name} from "./src/shared/${name}";`).join("\n"),
    resolveDir: web,
  },
});
const code = Buffer.from(outputFiles[0].contents).toString("base64");
const { attendance, board, bytes, hybrid, intake, receipt, sheet, words } = await import(
  `data:text/javascript;base64,${code}`
);

const binary = (value) => new Uint8Array(Buffer.from(value, "base64"));
const base64 = (value) => Buffer.from(value).toString("base64");

const doing = {
  words: ({ entropy, list }) => words.writeWords(binary(entropy), words.parseList(list)),
  read_words: ({ typed, lists }) => {
    const reading = words.readWords(typed, lists.map(words.parseList));
    return { ...reading, ...(reading.entropy && { entropy: base64(reading.entropy) }) };
  },
  receipt: async ({ entropy }) => {
    const keys = await receipt.receiptOf(binary(entropy));
    return {
      conversation: base64(keys.conversation),
      tag_key: base64(keys.tagKey),
      answer_key: base64(hybrid.publicKey(keys.answerSeed)),
      verify_key: base64(keys.verifyKey),
    };
  },
  seal: async ({ entropy, message, key }) => {
    const own = await receipt.receiptOf(binary(entropy));
    const slot = intake.sealMessage(message, own, binary(key), bytes.systemRandom);
    return { id: base64(slot.id), bytes: base64(slot.bytes) };
  },
  sheet: ({ blob, day, fingerprint }) => {
    const believed = sheet.verifySheet(binary(blob), { day, fingerprint: fingerprint && binary(fingerprint) });
    return { intake_key: base64(believed.intakeKey), boards: believed.boards.map(base64) };
  },
  attendance: ({ block, boards, day }) => attendance.attendanceDay(binary(block), boards.map(binary), day),
  board: async ({ block, boards, day, entropy, buckets }) => {
    const own = await receipt.receiptOf(binary(entropy));
    const read = board.readBoard(binary(block), boards.map(binary), day);
    const choice = board.chooseBucket(read, own.tagKey);
    const bucket = buckets[bytes.hex(choice.bucket)];
    return { ...board.readBucket(binary(bucket), choice, own), doubtful: read.doubtful };
  },
  choice: async ({ block, boards, day, entropy }) => {
    const { tagKey } = await receipt.receiptOf(binary(entropy));
    const { bucket, cell } = board.chooseBucket(board.readBoard(binary(block), boards.map(binary), day), tagKey);
    return { bucket: bytes.hex(bucket), cell };
  },
  fingerprint_words: ({ fingerprint, list }) => words.writeFingerprint(binary(fingerprint), words.parseList(list)),
};

const answers = [];
for (const { does, ...given } of JSON.parse(await text(process.stdin))) {
  try {
    answers.push({ value: (await doing[does](given)) ?? null });
  } catch (error) {
    if (!(error instanceof bytes.Refused)) throw error;
    answers.push({ refused: error.reason });
  }
}
process.stdout.write(JSON.stringify(answers));
