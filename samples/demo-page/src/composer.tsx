import { useState } from 'preact/hooks';
import { Icon } from './icons.tsx';
import { kinds, type Kind } from './kinds.ts';
import { publish, routingKeyFor, type Recipients } from './publisher.ts';
import { isUserName, splitUserNames } from './user-name.ts';

type Outcome = { state: 'idle' } | { state: 'sending' } | { state: 'sent'; text: string } | { state: 'failed'; text: string };

const audiences = [
  { to: 'one', label: 'One', icon: 'user' },
  { to: 'several', label: 'Several', icon: 'users' },
  { to: 'everyone', label: 'Everyone', icon: 'megaphone' },
] as const;

export function Composer({ user }: { user: string }) {
  const [to, setTo] = useState<Recipients['to']>('one');
  const [one, setOne] = useState(user);
  const [several, setSeveral] = useState('alice, bob');
  const [kind, setKind] = useState<Kind>(kinds[0]);
  const [text, setText] = useState('');
  const [persistent, setPersistent] = useState(true);
  const [outcome, setOutcome] = useState<Outcome>({ state: 'idle' });

  const recipients = recipientsOf(to, one, several);
  const send = async (event: Event) => {
    event.preventDefault();
    if (outcome.state === 'sending') return;
    const fault = faultOf(recipients);
    if (fault) return setOutcome({ state: 'failed', text: fault });
    setOutcome({ state: 'sending' });
    try {
      await publish({ recipients, kind: kind.key, text: text.trim() || kind.sample, from: user, persistent: persistent && to !== 'everyone' });
      setOutcome({ state: 'sent', text: `The broker has it: ${nameOf(recipients)}` });
      setText('');
    } catch (error) {
      setOutcome({ state: 'failed', text: `Not sent: ${(error as Error).message}` });
    }
  };

  return (
    <section class="composer" aria-label="Send a notification">
      <form onSubmit={event => void send(event)}>
        <h2>Send</h2>
        <p class="muted">Users only read. This form plays a service: it has a session and a token of its own.</p>

        <fieldset>
          <legend>To</legend>
          <div class="segments">
            {audiences.map(audience => (
              <label key={audience.to}>
                <input type="radio" name="to" checked={to === audience.to} onChange={() => setTo(audience.to)} />
                <span>
                  <Icon name={audience.icon} />
                  {audience.label}
                </span>
              </label>
            ))}
          </div>
        </fieldset>
        {to === 'one' && <TextField id="one" label="User" value={one} onValue={setOne} />}
        {to === 'several' && <TextField id="several" label="Users, by comma" value={several} onValue={setSeveral} />}
        {to === 'everyone' && <p class="hint">Reaches everyone who is online. It is not kept for those who are away.</p>}

        <div class="field">
          <label for="kind">Kind</label>
          <select id="kind" value={kind.key} onChange={event => setKind(kinds.find(each => each.key === event.currentTarget.value)!)}>
            {kinds.map(each => (
              <option key={each.key} value={each.key}>
                {each.label}
              </option>
            ))}
          </select>
        </div>
        <div class="field">
          <label for="text">Text</label>
          <textarea
            id="text"
            rows={3}
            placeholder={kind.sample}
            value={text}
            onInput={event => setText(event.currentTarget.value)}
            onKeyDown={event => {
              if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void send(event);
            }}
          />
        </div>
        {to !== 'everyone' && (
          <label class="switch">
            <input type="checkbox" role="switch" checked={persistent} onChange={event => setPersistent(event.currentTarget.checked)} />
            <span class="track" />
            Keep it for those who are away
          </label>
        )}

        <button type="submit" class="primary" disabled={outcome.state === 'sending'}>
          <Icon name="send" />
          {outcome.state === 'sending' ? 'Sending…' : 'Send'}
        </button>
        <p class="outcome" role="status" data-state={outcome.state}>
          {'text' in outcome && outcome.text}
        </p>
      </form>
      <details class="wire">
        <summary>What any service would send</summary>
        <dl>
          <dt>exchange</dt>
          <dd>notifications</dd>
          <dt>routing key</dt>
          <dd>{routingKeyFor(recipients, kind.key)}</dd>
          {recipients.to === 'several' && (
            <>
              <dt>x-recipients</dt>
              <dd>{recipients.users.join(',')}</dd>
            </>
          )}
          <dt>delivery mode</dt>
          <dd>{persistent && to !== 'everyone' ? '2 (persistent: kept)' : '1 (transient: only who is online)'}</dd>
        </dl>
      </details>
    </section>
  );
}

function TextField({ id, label, value, onValue }: { id: string; label: string; value: string; onValue: (value: string) => void }) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input id={id} value={value} onInput={event => onValue(event.currentTarget.value)} autocomplete="off" autocapitalize="none" spellcheck={false} />
    </div>
  );
}

function recipientsOf(to: Recipients['to'], one: string, several: string): Recipients {
  switch (to) {
    case 'one':
      return { to, user: one.trim() };
    case 'several':
      return { to, users: splitUserNames(several) };
    case 'everyone':
      return { to };
  }
}

function faultOf(recipients: Recipients): string | undefined {
  const names = recipients.to === 'one' ? [recipients.user] : recipients.to === 'several' ? recipients.users : ['x'];
  const wrong = names.find(name => !isUserName(name));
  if (names.length === 0 || wrong === '') return 'To whom? Type a user name.';
  return wrong === undefined ? undefined : `"${wrong}" is no user name: letters, digits, - and _ only.`;
}

function nameOf(recipients: Recipients): string {
  switch (recipients.to) {
    case 'one':
      return `for ${recipients.user}`;
    case 'several':
      return `for ${recipients.users.join(', ')}`;
    case 'everyone':
      return 'for everyone';
  }
}
