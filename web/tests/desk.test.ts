import { expect, test } from "vitest";
import { boardBytes, letters } from "../src/desk/answer";

test("a text is measured as the board holds it: UTF-8, with what JSON escapes", () => {
  expect(boardBytes("")).toBe(0);
  expect(boardBytes("abc")).toBe(3);
  expect(boardBytes("жж")).toBe(4);
  expect(boardBytes('a"\n')).toBe(5);
});

test("the room is told in letters of the script that is typed", () => {
  expect(letters(1000, "abc")).toBe(1000);
  expect(letters(1000, "жж")).toBe(500);
  expect(letters(1000, "😀")).toBe(250);
  expect(letters(1000, "")).toBe(500);
});
