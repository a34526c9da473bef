// What an unmodified client has to live through, whichever it is; the same in Node.js and in a page. An adapter says how the client is used:
//   open(url, login, passcode, { heartBeat: [out, in] }) -> session, or throws an Error with the ERROR's message
//   session: subscribe(destination, ack, onMessage) and send(destination, body, headers), which complete with the receipt; drop(), as a reload does; leave(); ended
//   message: body, headers, ack(), nack()
//   escapes: whether it escapes and unescapes headers

/** Runs all of it. */
export async function run(adapter, { url, user, token, log }) {
  const at = (name) => `/exchange/notifications/user.${user}.${name}`;
  const open = (options) => adapter.open(url, user, token, options);
  const steps = { wrongToken, everySession, manyBothWays, ackModes, reconnect, largeFrames, emojiAtTheCut, throttledTimers };
  for (const [name, step] of Object.entries(steps)) {
    await step();
    log(name);
  }
  log('done');

  async function wrongToken() {
    const refused = await adapter.open(url, user, 'wrong').then(() => 'nothing', (error) => error.message);
    expect('the answer to a wrong token', refused, 'Bad CONNECT');
  }

  async function everySession() {
    const sessions = await Promise.all([open(), open()]);
    const received = sessions.map(() => inbox());
    await Promise.all(sessions.map((session, i) => session.subscribe(at('all'), 'auto', received[i].push)));
    await sessions[0].send(at('all'), 'to all', { color: 'blue:green' });
    for (const each of received) {
      await each.until(1);
      const { body, headers } = each.messages[0];
      expect('a message', [body, headers.destination, headers.redelivered].join(), ['to all', at('all'), 'false'].join());
      expect('a header with a colon', headers.color, adapter.escapes ? 'blue:green' : 'blue\\cgreen');
    }
    await Promise.all(sessions.map((session) => session.leave()));
  }

  async function manyBothWays() {
    const session = await open();
    const received = inbox();
    await session.subscribe(at('many'), 'auto', received.push);
    const bodies = Array.from({ length: 1000 }, (_, i) => `${i} ünï 漢 😀`);
    await Promise.all(bodies.map((body) => session.send(at('many'), body)));
    await received.until(bodies.length);
    expect('1,000 messages', received.bodies().join(), bodies.join());
    await session.leave();
  }

  async function ackModes() {
    for (const [ack, left] of [['client', '2'], ['client-individual', '0,2']]) {
      const session = await open();
      const received = inbox();
      await session.subscribe(at(ack), ack, received.push);
      for (const body of ['0', '1', '2']) await session.send(at(ack), body);
      await received.until(3);
      received.messages[1].ack();
      session.drop();
      await session.ended;
      const next = await open();
      const again = inbox();
      await next.subscribe(at(ack), ack, again.push);
      await again.until(left.split(',').length);
      expect(`what ${ack} left`, again.bodies().join(), left);
      expect('redelivered', again.messages[0].headers.redelivered, 'true');
      for (const message of again.messages) message.ack();
      await next.leave();
    }
  }

  async function reconnect() {
    const first = await open();
    const other = await open();
    const received = inbox();
    await first.subscribe(at('again'), 'client-individual', received.push);
    first.drop();
    await first.ended;
    await other.send(at('again'), 'while away');
    const second = await open();
    await second.subscribe(at('again'), 'client-individual', received.push);
    await received.until(1);
    received.messages[0].nack();
    await received.until(2);
    expect('what came while away, and again after a NACK', received.bodies().join(), 'while away,while away');
    received.messages[1].ack();
    await Promise.all([second.leave(), other.leave()]);
  }

  async function largeFrames() {
    const session = await open();
    const received = inbox();
    await session.subscribe(at('large'), 'auto', received.push);
    // 100 KiB; every cut is between characters of two and three bytes.
    const body = 'ž漢'.repeat(20000);
    await session.send(at('large'), body);
    await received.until(1);
    expect('a large body', received.bodies()[0], body);
    await session.leave();
  }

  // The clients cut by UTF-16 units. Half of an emoji becomes another character, longer than content-length says: no server can mend that, so it is
  // told. One of the two bodies has its emoji beside the cuts, and arrives whole.
  async function emojiAtTheCut() {
    const outcomes = [];
    for (const pad of ['', 'x']) {
      const session = await open();
      const received = inbox();
      await session.subscribe(at('emoji'), 'auto', received.push);
      const body = pad + '😀'.repeat(12000);
      const outcome = await Promise.race([session.send(at('emoji'), body).then(() => 'sent'), session.ended]);
      if (outcome === 'sent') {
        await received.until(1);
        expect('a body of emoji', received.bodies()[0], body);
        await session.leave();
      }
      outcomes.push(outcome);
    }
    expect('what became of emoji', outcomes.sort().join(), 'Malformed frame,sent');
  }

  // A tab in the background has its timers once a minute. With beats of 10 s agreed on, that is six times too late; here a tenth of both.
  async function throttledTimers() {
    const { setInterval, setTimeout } = globalThis;
    globalThis.setInterval = (call, time, ...rest) => setInterval(call, Math.max(time, 6000), ...rest);
    globalThis.setTimeout = (call, time, ...rest) => setTimeout(call, Math.max(time, 6000), ...rest);
    try {
      const beating = await open({ heartBeat: [1000, 1000] });
      const quiet = await open({ heartBeat: [0, 1000] });
      const [late, inTime] = [inbox(setTimeout), inbox(setTimeout)];
      // In this order: one that came later would pass for the reload of the one that is lost, and be given what comes until the loss is known.
      await quiet.subscribe(at('tab'), 'auto', inTime.push);
      await beating.subscribe(at('tab'), 'auto', late.push);
      expect('the end of a client that does not beat in time', await beating.ended, 'No heart-beat');
      await quiet.send(at('tab'), 'in the background');
      await inTime.until(1, 'the session that was there: ');
      const again = await open({ heartBeat: [0, 1000] });
      await again.subscribe(at('tab'), 'auto', late.push);
      await late.until(1, 'the session that followed the one that was lost: ');
      expect('what came meanwhile', late.bodies()[0], 'in the background');
      await Promise.all([quiet.leave(), again.leave()]);
    } finally {
      Object.assign(globalThis, { setInterval, setTimeout });
    }
  }
}

function expect(what, actual, expected) {
  if (actual !== expected) throw new Error(`${what}: ${String(actual).slice(0, 200)} and not ${String(expected).slice(0, 200)}`);
}

function inbox(setTimeout = globalThis.setTimeout) {
  const messages = [];
  let look = () => {};
  return {
    messages,
    bodies: () => messages.map((message) => message.body),
    push(message) {
      messages.push(message);
      look();
    },
    until: (count, whose = '') =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`${whose}${messages.length} messages, and not ${count}`)), 30000);
        look = () => {
          if (messages.length < count) return;
          clearTimeout(timer);
          resolve();
        };
        look();
      }),
  };
}
