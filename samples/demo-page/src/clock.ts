import { signal } from '@preact/signals';

/** The time, as coarse as the page shows it. */
export const now = signal(Date.now());
setInterval(() => (now.value = Date.now()), 10_000);

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'narrow' });
const sameDay = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const otherDay = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** "now", "5m ago", "14:05", "3 May 2026, 14:05". */
export function timeText(at: number, current: number): string {
  const minutes = Math.round((current - at) / 60_000);
  if (minutes < 1) return 'now';
  if (minutes < 60) return relative.format(-minutes, 'minute');
  return new Date(at).toDateString() === new Date(current).toDateString() ? sameDay.format(at) : otherDay.format(at);
}

export function fullTime(at: number): string {
  return otherDay.format(at);
}
