// webstomp-client as it is.
import webstompClient from 'webstomp-client';

export const webstomp = {
  escapes: false,
  open: (url, login, passcode, { heartBeat = [0, 0] } = {}) =>
    new Promise((resolve, reject) => {
      let receipts = 0;
      let error;
      let end;
      const waiting = new Map();
      const ended = new Promise((resolveEnd) => (end = resolveEnd));
      const client = webstompClient.client(url, { debug: false, heartbeat: { outgoing: heartBeat[0], incoming: heartBeat[1] } });
      const receipt = (ask) =>
        new Promise((done) => {
          const id = `r${++receipts}`;
          waiting.set(id, done);
          ask({ receipt: id });
        });
      client.onreceipt = (frame) => waiting.get(frame.headers['receipt-id'])?.();
      client.connect(
        { login, passcode },
        () =>
          resolve({
            ended,
            subscribe: (destination, ack, onMessage) => receipt((headers) => client.subscribe(destination, onMessage, { ack, ...headers })),
            send: (destination, body, more) => receipt((headers) => client.send(destination, body, { ...more, ...headers })),
            drop: () => client.ws.close(3001),
            leave: () => new Promise((done) => client.disconnect(done)),
          }),
        // An ERROR, or the close event: of an ERROR first the one, then the other.
        (what) => {
          error ??= what.headers?.message;
          reject(new Error(error ?? `closed with ${what.code}`));
          if (what.code !== undefined) end(error ?? `closed with ${what.code}`);
        },
      );
    }),
};
