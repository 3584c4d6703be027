/** Text as the formats take it. */

export const TEXT_UNITS_MAX = 8000;

/** The text as the format takes it: line feeds, no other control characters, none that reorder, whole letters only. */
export function cleanText(typed: string): string {
  return typed
    .replace(/\r\n?/g, "\n")
    .replace(/(?![\n\t])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu, "")
    .replace(/\p{Cs}/gu, "\ufffd")
    .trim()
    .slice(0, TEXT_UNITS_MAX)
    .replace(/\p{Cs}$/u, "");
}
