import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { bundle, differing, write } from "../build.mjs";

let here: string;
let there: string;

async function project(name: string): Promise<string> {
  const root = await mkdtemp(path.join(tmpdir(), name));
  await writeFile(path.join(root, "shared.ts"), "export const shared = (n: number): number => n ** 7;\n");
  for (const entry of ["one", "two"]) {
    const text = `import { shared } from "./shared";\ndocument.title = String(shared(${entry.length}) ?? "");\n`;
    await writeFile(path.join(root, `${entry}.ts`), text);
  }
  return root;
}

beforeEach(async () => {
  here = await project("bundle-");
  there = await project("another-place-");
});

afterEach(async () => {
  await rm(here, { recursive: true });
  await rm(there, { recursive: true });
});

test("the same sources give the same bytes in another folder", async () => {
  const first = await bundle(["one.ts", "two.ts"], { root: here });
  const second = await bundle(["one.ts", "two.ts"], { root: there });
  expect([...first.keys()].filter((name) => !/^\w+-\w+\.js$/.test(name))).toEqual(["one.js", "two.js"]);
  expect(first.size).toBe(3);
  expect(second).toEqual(first);
});

test("a bundle names no folder of the machine that built it", async () => {
  for (const bytes of (await bundle(["one.ts"], { root: here })).values()) {
    expect(Buffer.from(bytes).toString()).not.toContain(path.basename(here));
  }
});

test("what was written compares as equal, and a leftover script goes", async () => {
  const out = path.join(here, "static");
  const built = await bundle(["one.ts", "two.ts"], { root: here });
  await write(out, built);
  await writeFile(path.join(out, "left-over.js"), "");
  await writeFile(path.join(out, "page.css"), "");
  expect(await differing(out, built)).toEqual(["left-over.js"]);
  await write(out, built);
  expect(await differing(out, built)).toEqual([]);
  expect(await readdir(out)).toContain("page.css");
});

test("one altered byte, or a missing file, is named", async () => {
  const out = path.join(here, "static");
  const built = await bundle(["one.ts", "two.ts"], { root: here });
  await write(out, built);
  const bytes = await readFile(path.join(out, "one.js"));
  bytes.writeUInt8(bytes.readUInt8(3) ^ 1, 3);
  await writeFile(path.join(out, "one.js"), bytes);
  await rm(path.join(out, "two.js"));
  expect(await differing(out, built)).toEqual(["one.js", "two.js"]);
});

test("no entries, no scripts", async () => {
  expect(await bundle([])).toEqual(new Map());
  expect(await differing(path.join(here, "absent"), new Map())).toEqual([]);
});
