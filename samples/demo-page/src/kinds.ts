/** Kinds of notifications that the page knows: the words that follow the user in a routing key, as in `user.alice.print.done`. */
export const kinds = [
  { key: 'message', label: 'Message', icon: 'message', sample: 'Lunch at noon?' },
  { key: 'print.done', label: 'Print finished', icon: 'printer', sample: 'Your 12 pages are in tray 2.' },
  { key: 'order.shipped', label: 'Order shipped', icon: 'parcel', sample: 'Parcel 4711 is on its way.' },
  { key: 'build.failed', label: 'Build failed', icon: 'warning', sample: 'main is red: 2 tests failed.' },
  { key: 'meeting.soon', label: 'Meeting soon', icon: 'calendar', sample: 'Stand-up begins in five minutes.' },
] as const;

export type Kind = (typeof kinds)[number];

/** The kind of a routing key, or undefined for a key of somebody else's making. */
export function kindOf(routingKey: string): Kind | undefined {
  return kinds.find(kind => routingKey.endsWith(`.${kind.key}`));
}
