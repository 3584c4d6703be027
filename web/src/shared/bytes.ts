/** Bytes and their text forms. What comes from outside is read in its one canonical form or not at all. */

export type Bytes = Uint8Array<ArrayBuffer>;

/** Returns as many random bytes as it is asked for. */
export type Random = (size: number) => Bytes;

/** What came from outside and was refused; the reason chooses the sentence that the person reads. */
export class Refused extends Error {
  constructor(readonly reason: Reason) {
    super(reason);
  }
}

export type Reason =
  | "age"
  | "attendance"
  | "board"
  | "bucket"
  | "cell"
  | "encoding"
  | "padding"
  | "sheet"
  | "sheet_day"
  | "sheet_root"
  | "signature"
  | "too_long";

export const systemRandom: Random = (size) => crypto.getRandomValues(new Uint8Array(size));

export function utf8(text: string): Bytes {
  return new TextEncoder().encode(text);
}

/** Read UTF-8; a byte order mark or a broken sequence is refused. */
export function fromUtf8(bytes: Bytes): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Refused("encoding");
  }
}

export function concat(...parts: Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Compare without stopping at the first difference. */
export function equal(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  let difference = 0;
  one.forEach((byte, at) => (difference |= byte ^ (other[at] ?? 0)));
  return difference === 0;
}

export function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

/** A big-endian integer of 1, 2 or 4 bytes. */
export function integer(value: number, size: 1 | 2 | 4): Bytes {
  const bytes = new Uint8Array(size);
  for (let at = size - 1, rest = value; at >= 0; at -= 1, rest = Math.floor(rest / 256)) bytes[at] = rest % 256;
  return bytes;
}

/** Read a big-endian integer; the caller has checked that the bytes are there. */
export function toInteger(bytes: Uint8Array): number {
  return bytes.reduce((value, byte) => value * 256 + byte, 0);
}

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Base64 without padding, as age writes it. */
export function base64(bytes: Uint8Array): string {
  let letters = "";
  for (const byte of bytes) letters += String.fromCharCode(byte);
  return btoa(letters).replace(/=+$/, "");
}

export function fromBase64(text: string): Bytes {
  let letters: string;
  try {
    letters = atob(text);
  } catch {
    throw new Refused("encoding");
  }
  const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
  // Spaces, padding and bits left over would give one value several texts.
  if (base64(bytes) !== text) throw new Refused("encoding");
  return bytes;
}

/** The `b64` of docs/FORMAT.md. */
export function base64url(bytes: Uint8Array): string {
  return base64(bytes).replace(/\+/g, "-").replace(/\//g, "_");
}

/** Read `b64` of exactly `size` bytes. */
export function fromBase64url(text: unknown, size: number): Bytes {
  if (typeof text !== "string" || /[+/]/.test(text)) throw new Refused("encoding");
  const bytes = fromBase64(text.replace(/-/g, "+").replace(/_/g, "/"));
  if (bytes.length !== size) throw new Refused("encoding");
  return bytes;
}

/** Read JSON that must be an object with exactly these fields. */
export function fromJson(bytes: Bytes, fields: readonly string[]): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(fromUtf8(bytes));
  } catch {
    throw new Refused("encoding");
  }
  return withFields(value, fields);
}

export function withFields(value: unknown, fields: readonly string[]): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Refused("encoding");
  const names = Object.keys(value);
  if (names.length !== fields.length || !fields.every((field) => names.includes(field))) throw new Refused("encoding");
  return value as Record<string, unknown>;
}

/** Read a whole number from 0 to 2^32 − 1. */
export function wholeNumber(value: unknown): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > 0xffff_ffff) {
    throw new Refused("encoding");
  }
  return value;
}
