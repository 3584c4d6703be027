/** Days and weeks as docs/FORMAT.md counts them. */

const DAY_MILLISECONDS = 86_400_000;
const FIRST_MONDAY = 4;

export function today(now: number = Date.now()): number {
  return Math.floor(now / DAY_MILLISECONDS);
}

export function weekOf(day: number): number {
  return Math.floor((day - FIRST_MONDAY) / 7);
}
