import type { IMessage } from '@stomp/stompjs';

/** A notification as the page keeps it, also over a reload. */
export interface Notification {
  /** The same in every session of the user: the publisher's message id, else its place. */
  id: string;
  routingKey: string;
  text: string;
  from?: string;
  /** Milliseconds since 1970. */
  receivedAt: number;
  sentAt?: number;
  /** Its place in the mailbox (x-offset); a broadcast has none. */
  place?: string;
  /** It may have been shown before (redelivered:true). */
  redelivered: boolean;
  /** It was sent while this user was away. */
  missed: boolean;
  /** So many before it are lost: too old, or too many (x-dropped). */
  dropped: number;
  read: boolean;
}

/** Messages that were sent this long before the connection stood count as missed; clocks of publishers differ a little. */
const clockTolerance = 2000;

export function toNotification(message: IMessage, connectedAt: number): Notification {
  const headers = message.headers;
  const seconds = Number(headers['timestamp']);
  const sentAt = seconds > 0 ? seconds * 1000 : undefined;
  return {
    id: headers['amqp-message-id'] ?? headers['x-offset'] ?? headers['message-id'] ?? crypto.randomUUID(),
    routingKey: routingKeyOf(headers['destination'] ?? ''),
    text: message.body,
    from: headers['from'],
    receivedAt: Date.now(),
    sentAt,
    place: headers['x-offset'],
    redelivered: headers['redelivered'] === 'true',
    missed: sentAt !== undefined && sentAt < connectedAt - clockTolerance,
    dropped: Number(headers['x-dropped'] ?? 0),
    read: false,
  };
}

/** `/exchange/notifications/user.alice` and `/topic/user.alice` end with the key; special characters come as %XX. */
function routingKeyOf(destination: string): string {
  const key = destination.slice(destination.lastIndexOf('/') + 1);
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}
