import { Client } from '@stomp/stompjs';
import { fetchToken } from './tokens.ts';

/** Users may only read; services publish. The page plays a service beside the signed-in user, with a session and a token of its own. */
const service = { user: 'demo-service', roles: ['service'] };

/** Milliseconds until an unanswered publish counts as failed. */
const confirmTimeout = 10_000;

export type Recipients = { to: 'one'; user: string } | { to: 'several'; users: string[] } | { to: 'everyone' };

export interface Draft {
  recipients: Recipients;
  kind: string;
  text: string;
  from: string;
  /** Kept for those who are away. */
  persistent: boolean;
}

/** One user is in the routing key; several are in a header, for one message of whatever key; everyone listens to `broadcast`. */
export function routingKeyFor(recipients: Recipients, kind: string): string {
  switch (recipients.to) {
    case 'one':
      return `user.${recipients.user}.${kind}`;
    case 'several':
      return `people.${kind}`;
    case 'everyone':
      return `broadcast.${kind}`;
  }
}

/** Sends it; done when the broker has confirmed it (the RECEIPT). */
export async function publish(draft: Draft): Promise<void> {
  const client = await connected();
  const receipt = crypto.randomUUID();
  const headers: Record<string, string> = {
    receipt,
    'amqp-message-id': crypto.randomUUID(),
    timestamp: String(Math.floor(Date.now() / 1000)),
    'content-type': 'text/plain;charset=utf-8',
    persistent: String(draft.persistent),
    from: draft.from,
  };
  if (draft.recipients.to === 'several') headers['x-recipients'] = draft.recipients.users.join(',');
  const key = routingKeyFor(draft.recipients, draft.kind).split('.').map(encodeURIComponent).join('.');
  await answered(client, reply => {
    client.watchForReceipt(receipt, reply);
    client.publish({ destination: `/exchange/notifications/${key}`, headers, body: draft.text });
  });
}

let current: Promise<Client> | undefined;

/** The service's session: made at the first use, and anew after it was lost. */
function connected(): Promise<Client> {
  current ??= connect().catch(error => {
    current = undefined;
    throw error;
  });
  return current;
}

async function connect(): Promise<Client> {
  const { token, webSocketUrl } = await fetchToken(service.user, service.roles);
  const client = new Client({
    brokerURL: webSocketUrl,
    connectHeaders: { login: service.user, passcode: token },
    reconnectDelay: 0,
    connectionTimeout: confirmTimeout,
  });
  await answered(client, reply => {
    client.onConnect = reply;
    client.activate();
  });
  return client;
}

/** Waits for a reply; an ERROR or a closed connection is the end of this session. */
function answered(client: Client, ask: (reply: () => void) => void): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => end('no answer'), confirmTimeout);
    const end = (reason: string) => {
      clearTimeout(timer);
      current = undefined;
      void client.deactivate();
      reject(new Error(reason));
    };
    client.onStompError = frame => end(frame.headers['message'] ?? 'refused');
    client.onWebSocketClose = () => end('the connection was closed');
    ask(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
