import { expect, test } from "vitest";
import {
  base64url,
  equal,
  fromBase64url,
  fromJson,
  fromUtf8,
  integer,
  Refused,
  toInteger,
  utf8,
  wholeNumber,
} from "../src/shared/bytes";
import { today, weekOf } from "../src/shared/days";
import { pad, unpad } from "../src/shared/padding";

test("base64url has one form only", () => {
  for (const bytes of [new Uint8Array(), new Uint8Array([255]), new Uint8Array([251, 255, 191, 0])]) {
    expect(fromBase64url(base64url(bytes), bytes.length)).toEqual(bytes);
  }
  for (const text of ["_w=", "_w==", "_x", "/w", "+w", " _w", "_w\n", "_", "%", 5, null]) {
    expect(() => fromBase64url(text, 1)).toThrow(Refused);
  }
  expect(() => fromBase64url("_w", 2)).toThrow(Refused);
});

test("integers are big-endian", () => {
  expect([...integer(0x01020304, 4)]).toEqual([1, 2, 3, 4]);
  expect(toInteger(integer(0xffffffff, 4))).toBe(0xffffffff);
  expect([...integer(258, 2)]).toEqual([1, 2]);
});

test("text is UTF-8 without a mark, and JSON has exactly the fields asked for", () => {
  expect(() => fromUtf8(new Uint8Array([0xff]))).toThrow(Refused);
  expect(fromJson(utf8('{"a": 1}'), ["a"])).toEqual({ a: 1 });
  for (const text of ["{}", '{"a": 1, "b": 2}', '{"b": 1}', "[1]", "null", "x", '\ufeff{"a": 1}']) {
    expect(() => fromJson(utf8(text), ["a"])).toThrow(Refused);
  }
  for (const value of [-1, 1.5, 2 ** 32, "1", null]) expect(() => wholeNumber(value)).toThrow(Refused);
});

test("padding fills, comes off, and is checked", () => {
  const padded = pad(utf8("abc"), 16);
  expect([...padded]).toEqual([0, 0, 0, 3, 97, 98, 99, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  expect(unpad(padded)).toEqual(utf8("abc"));
  expect(() => pad(new Uint8Array(13), 16)).toThrow(Refused);
  padded[15] = 1;
  expect(() => unpad(padded)).toThrow(Refused);
  expect(() => unpad(new Uint8Array([0, 0, 0, 2, 1]))).toThrow(Refused);
  expect(() => unpad(new Uint8Array([0, 0, 0]))).toThrow(Refused);
});

test("comparing needs the same length", () => {
  expect(equal(utf8("a"), utf8("a"))).toBe(true);
  expect(equal(utf8("a"), utf8("b"))).toBe(false);
  expect(equal(utf8("a"), utf8("ab"))).toBe(false);
});

test("days and weeks are those of the format", () => {
  expect(today(86_399_999)).toBe(0);
  expect(today(86_400_000)).toBe(1);
  expect([3, 4, 10, 11].map(weekOf)).toEqual([-1, 0, 0, 1]);
});
