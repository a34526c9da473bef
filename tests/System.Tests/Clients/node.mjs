// The scenario in Node.js. Usage: node.mjs webstomp|stompjs URL USER; the token is in TOKEN. Prints the steps, then "done".
import { WebSocket } from 'ws';
import { run } from './scenario.mjs';

globalThis.WebSocket = WebSocket;
const [client, url, user] = process.argv.slice(2);
const { [client]: adapter } = await import(`./${client}.mjs`);
try {
  await run(adapter, { url, user, token: process.env.TOKEN, log: console.log });
  process.exit(0);
} catch (error) {
  console.error(error);
  process.exit(1);
}
