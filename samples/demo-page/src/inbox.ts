import { computed, signal } from '@preact/signals';
import type { Notification } from './notification.ts';

/** So many are kept in the browser; the oldest go. */
const capacity = 200;

/** Newest first. */
export const notifications = signal<Notification[]>([]);
export const unread = computed(() => notifications.value.filter(notification => !notification.read).length);

let storageKey = '';

/** Shows what this browser has of the user. Other tabs of the same user write to the same place. */
export function openInbox(user: string): void {
  storageKey = `notifyorleans.inbox.${user}`;
  notifications.value = stored();
}

/** Keeps it, then shows it; false when this browser has it already. Returns only after it is stored, so that the caller may settle it. */
export function keep(notification: Notification): boolean {
  const others = stored();
  if (others.some(other => other.id === notification.id)) return false;
  save([notification, ...others].slice(0, capacity));
  return true;
}

export function markRead(id: string, read: boolean): void {
  save(stored().map(notification => (notification.id === id ? { ...notification, read } : notification)));
}

export function markAllRead(): void {
  save(stored().map(notification => ({ ...notification, read: true })));
}

export function removeRead(): void {
  save(stored().filter(notification => !notification.read));
}

addEventListener('storage', event => {
  if (event.key === storageKey) notifications.value = stored();
});

function stored(): Notification[] {
  try {
    return JSON.parse(localStorage.getItem(storageKey) ?? '[]') as Notification[];
  } catch {
    return [];
  }
}

function save(all: Notification[]): void {
  localStorage.setItem(storageKey, JSON.stringify(all));
  notifications.value = all;
}
