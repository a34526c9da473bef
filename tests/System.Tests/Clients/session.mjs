// A user's session with an unmodified client from npm. Usage: session.mjs webstomp|stompjs URL LOGIN DESTINATION COUNT; the token is in TOKEN.
// Prints "subscribed", then each MESSAGE as a line of JSON, and ends after COUNT of them.
import { WebSocket } from 'ws';

const [client, url, login, destination, count] = process.argv.slice(2);
const passcode = process.env.TOKEN;
let received = 0;

function onMessage(message) {
  console.log(JSON.stringify({ body: message.body, headers: message.headers }));
  message.ack?.();
  if (++received === Number(count)) end();
}

function fail(what) {
  console.error(what);
  process.exit(1);
}

let end;
const sessions = {
  async webstomp() {
    globalThis.WebSocket = WebSocket;
    const { default: webstomp } = await import('webstomp-client');
    const session = webstomp.client(url, { debug: false });
    end = () => session.disconnect(() => process.exit(0));
    session.connect(
      { login, passcode },
      () => {
        session.subscribe(destination, onMessage, { ack: 'client-individual', receipt: 'r' });
      },
      (error) => fail(`webstomp: ${error.body ?? error.reason ?? error}`),
    );
    session.onreceipt = () => console.log('subscribed');
  },

  async stompjs() {
    Object.assign(globalThis, { WebSocket });
    const { Client } = await import('@stomp/stompjs');
    const session = new Client({ brokerURL: url, connectHeaders: { login, passcode }, reconnectDelay: 0 });
    end = async () => {
      await session.deactivate();
      process.exit(0);
    };
    session.onStompError = (frame) => fail(`stompjs: ${frame.headers.message} ${frame.body}`);
    session.onConnect = () => {
      session.watchForReceipt('r', () => console.log('subscribed'));
      session.subscribe(destination, onMessage, { ack: 'client-individual', receipt: 'r' });
    };
    session.activate();
  },
};

await sessions[client]();
