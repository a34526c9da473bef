import { Client, ReconnectionTimeMode, type IMessage } from '@stomp/stompjs';
import { signal } from '@preact/signals';
import { keep, openInbox } from './inbox.ts';
import { toNotification, type Notification } from './notification.ts';
import { fetchToken } from './tokens.ts';

export type Connection =
  | { state: 'offline' }
  | { state: 'connecting'; reason?: string }
  | { state: 'online'; since: number };

export const connection = signal<Connection>({ state: 'offline' });

/** Called for each notification that was not here before. */
export const arrivals = new EventTarget();

export class Arrival extends Event {
  constructor(readonly notification: Notification) {
    super('arrival');
  }
}

/** Milliseconds: the first attempt comes at once to the eye, later ones do not burden a server that is down. */
const firstRetry = 500;
const lastRetry = 10_000;

let client: Client | undefined;

/** Connects as the user and stays connected, with a fresh token each time, until `goOffline`. */
export function goOnline(user: string): void {
  goOffline();
  openInbox(user);
  connection.value = { state: 'connecting' };
  let reason: string | undefined;
  const mine = new Client({
    reconnectDelay: firstRetry,
    maxReconnectDelay: lastRetry,
    reconnectTimeMode: ReconnectionTimeMode.EXPONENTIAL,
    connectionTimeout: 10_000,
    heartbeatIncoming: 10_000,
    heartbeatOutgoing: 10_000,
    beforeConnect: async () => {
      // The library does not retry when this throws, so it does not throw.
      for (let delay = firstRetry; mine.active; delay = Math.min(2 * delay, lastRetry)) {
        try {
          const { token, webSocketUrl } = await fetchToken(user, []);
          mine.brokerURL = webSocketUrl;
          mine.connectHeaders = { login: user, passcode: token };
          return;
        } catch (error) {
          reason = error instanceof TypeError ? 'the server does not answer' : String((error as Error).message);
          if (mine === client) connection.value = { state: 'connecting', reason };
          await new Promise(resolve => setTimeout(resolve, delay));
        }
      }
    },
    onConnect: () => {
      reason = undefined;
      const since = Date.now();
      connection.value = { state: 'online', since };
      // The mailbox: settled one by one, after it is in this browser's storage. What is not settled comes again.
      mine.subscribe(
        `/exchange/notifications/user.${encodeURIComponent(user)}.#`,
        message => {
          if (mine !== client) return;
          receive(message, since);
          message.ack();
        },
        { ack: 'client-individual' },
      );
      // What goes to everyone: live only.
      mine.subscribe('/exchange/notifications/broadcast.#', message => {
        if (mine === client) receive(message, since);
      });
    },
    onStompError: frame => {
      reason = [frame.headers['message'], frame.body.trim()].filter(Boolean).join(': ');
    },
    onWebSocketClose: () => {
      if (mine.active && mine === client) connection.value = { state: 'connecting', reason: reason ?? 'the connection was closed' };
    },
  });
  client = mine;
  mine.activate();
}

export function goOffline(): void {
  void client?.deactivate();
  client = undefined;
  connection.value = { state: 'offline' };
}

function receive(message: IMessage, connectedAt: number): void {
  const notification = toNotification(message, connectedAt);
  if (keep(notification)) arrivals.dispatchEvent(new Arrival(notification));
}
