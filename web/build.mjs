// Builds the browser bundle into the Python package, where it is committed: its hash is published, so the
// same sources must give the same bytes on every machine. `--check` builds in memory and compares.

import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const web = path.dirname(fileURLToPath(import.meta.url));

/** What a page loads by name: sources under web/, output under src/causeway/. */
export const entries = [
  { out: "door/static", from: ["src/door/door.ts", "src/door/seal.ts"] },
  { out: "desk/static", from: [] },
];

/**
 * Bundle one group of entries in memory.
 *
 * Old phones set the target. Parts that two entries share are split off; their names carry a hash of
 * their own content, which is the same everywhere. Returns a map from file name to bytes.
 */
export async function bundle(sources, { root = web } = {}) {
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
    splitting: true,
    target: "es2020",
    write: false,
  });
  return new Map(result.outputFiles.map((file) => [path.basename(file.path), Buffer.from(file.contents)]));
}

/** Names of scripts in a folder; every script there is ours to write and to remove. */
async function scripts(folder) {
  const names = await readdir(folder).catch((error) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  return names.filter((name) => name.endsWith(".js"));
}

/** Make the scripts of a folder equal to what was built. */
export async function write(folder, built) {
  for (const name of await scripts(folder)) {
    if (!built.has(name)) await rm(path.join(folder, name));
  }
  if (built.size > 0) await mkdir(folder, { recursive: true });
  for (const [name, bytes] of built) await writeFile(path.join(folder, name), bytes);
}

/** List the scripts of a folder that are missing, altered, or not built from anything. */
export async function differing(folder, built) {
  const present = await scripts(folder);
  const wrong = present.filter((name) => !built.has(name));
  for (const [name, bytes] of built) {
    if (!present.includes(name) || !bytes.equals(await readFile(path.join(folder, name)))) wrong.push(name);
  }
  return wrong.sort();
}

async function main(check) {
  let failed = false;
  for (const { out, from } of entries) {
    const folder = path.join(web, "../src/causeway", out);
    const built = await bundle(from);
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
