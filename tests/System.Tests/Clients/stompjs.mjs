// @stomp/stompjs as it is.
import { Client } from '@stomp/stompjs';

export const stompjs = {
  escapes: true,
  open: (url, login, passcode, { heartBeat = [0, 0] } = {}) =>
    new Promise((resolve, reject) => {
      let receipts = 0;
      let error;
      let end;
      const ended = new Promise((resolveEnd) => (end = resolveEnd));
      const client = new Client({
        brokerURL: url,
        connectHeaders: { login, passcode },
        reconnectDelay: 0,
        heartbeatOutgoing: heartBeat[0],
        heartbeatIncoming: heartBeat[1],
        splitLargeFrames: true,
      });
      const receipt = (ask) =>
        new Promise((done) => {
          const id = `r${++receipts}`;
          client.watchForReceipt(id, () => done());
          ask({ receipt: id });
        });
      client.onStompError = (frame) => {
        error = frame.headers.message;
        reject(new Error(error));
      };
      client.onWebSocketClose = (event) => {
        client.deactivate();
        end(error ?? `closed with ${event.code}`);
        reject(new Error(error ?? `closed with ${event.code}`));
      };
      client.onConnect = () =>
        resolve({
          ended,
          subscribe: (destination, ack, onMessage) => receipt((headers) => client.subscribe(destination, onMessage, { ack, ...headers })),
          send: (destination, body, more) => receipt((headers) => client.publish({ destination, body, headers: { ...more, ...headers } })),
          drop: () => client.webSocket.close(3001),
          leave: () => client.deactivate(),
        });
      client.activate();
    }),
};
