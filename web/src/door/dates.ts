/** Days as people read them. */

const DAY_MILLISECONDS = 86_400_000;

/** "Saturday 21 November" in the language of the page; a day of the UTC calendar, never shifted to here. */
export function dayName(day: number, language: string): string {
  const calendar = language === "fa" ? "persian" : "gregory";
  const form = { weekday: "long", day: "numeric", month: "long", calendar, timeZone: "UTC" } as const;
  // As the server writes it: English without a country would be month first.
  return new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, form).format(day * DAY_MILLISECONDS);
}
