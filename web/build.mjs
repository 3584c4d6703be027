// Builds the browser bundle into the Python package, where it is committed: its hash is published, so the
// same sources must give the same bytes on every machine. `--check` builds in memory and compares.

import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const web = path.dirname(fileURLToPath(import.meta.url));

/**
 * What a page loads by name: sources under web/, output under src/causeway/. The door's scripts share nothing: one
 * lies in the page itself, and on a bad line every further file costs a connection of its own.
 */
export const entries = [
  {
    out: "door/static",
    from: ["src/door/door.ts", "src/door/files.ts", "src/door/seal.ts", "src/door/work.ts"],
    splitting: false,
    copies: { from: "sealed/wordlists", prefix: "words-" },
  },
  { out: "desk/static", from: ["src/desk/desk.ts"] },
];

/**
 * Bundle one group of entries in memory.
 *
 * Old phones set the target. Parts that two entries share are split off; their names carry a hash of
 * their own content, which is the same everywhere. Returns a map from file name to bytes.
 */
export async function bundle(sources, { root = web, splitting = true } = {}) {
  if (sources.length === 0) return new Map();
  const result = await build({
    absWorkingDir: root,
    bundle: true,
    charset: "utf8",
    chunkNames: "[name]-[hash]",
    entryNames: "[name]",
    entryPoints: sources,
    format: "esm",
    legalComments: "none",
    logLevel: "warning",
    minify: true,
    outdir: "out",
    sourcemap: false,
    splitting,
    target: "es2020",
    write: false,
  });
  return new Map(result.outputFiles.map((file) => [path.basename(file.path), Buffer.from(file.contents)]));
}

/**
 * A sorted list of words in two thirds of its bytes: each word as the number of letters that it shares with the one
 * before, at most nine, and its other letters. No word has a digit in it.
 */
export function frontCoded(words) {
  return words
    .map((word, at) => {
      const before = words[at - 1] ?? "";
      let shared = 0;
      while (shared < 9 && shared < word.length && word[shared] === before[shared]) shared += 1;
      return `${shared}${word.slice(shared)}`;
    })
    .join("");
}

/** Make what pages load of the lists of words, which another part of the package owns. */
export async function copies({ from, prefix }) {
  const folder = path.join(web, "../src/causeway", from);
  const names = (await readdir(folder)).filter((name) => name.endsWith(".txt")).sort();
  return new Map(
    await Promise.all(names.map(async (name) => [prefix + name, Buffer.from(frontCoded((await readFile(path.join(folder, name), "utf8")).trim().split("\n")))])),
  );
}

/** Names of what pages load from a folder; every script and text there is ours to write and to remove. */
async function loaded(folder) {
  const names = await readdir(folder).catch((error) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  return names.filter((name) => name.endsWith(".js") || name.endsWith(".txt"));
}

/** Make what pages load from a folder equal to what was built. */
export async function write(folder, built) {
  for (const name of await loaded(folder)) {
    if (!built.has(name)) await rm(path.join(folder, name));
  }
  if (built.size > 0) await mkdir(folder, { recursive: true });
  for (const [name, bytes] of built) await writeFile(path.join(folder, name), bytes);
}

/** List the files of a folder that are missing, altered, or not built from anything. */
export async function differing(folder, built) {
  const present = await loaded(folder);
  const wrong = present.filter((name) => !built.has(name));
  for (const [name, bytes] of built) {
    if (!present.includes(name) || !bytes.equals(await readFile(path.join(folder, name)))) wrong.push(name);
  }
  return wrong.sort();
}

async function main(check) {
  let failed = false;
  for (const { out, from, splitting, copies: copied } of entries) {
    const folder = path.join(web, "../src/causeway", out);
    const built = await bundle(from, { splitting });
    for (const [name, bytes] of copied ? await copies(copied) : []) built.set(name, bytes);
    if (!check) {
      await write(folder, built);
      for (const [name, bytes] of built) console.log(`${out}/${name}: ${bytes.length} bytes`);
      continue;
    }
    for (const name of await differing(folder, built)) {
      failed = true;
      console.error(`${out}/${name} is not what the sources build; run: make web`);
    }
  }
  if (failed) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.includes("--check"));
