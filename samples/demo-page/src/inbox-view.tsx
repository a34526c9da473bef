import { signal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { markAllRead, notifications, removeRead, unread } from './inbox.ts';
import { Icon } from './icons.tsx';
import { NotificationItem } from './notification-item.tsx';
import { publish } from './publisher.ts';
import { connection } from './session.ts';

const onlyUnread = signal(false);

export function InboxView({ user }: { user: string }) {
  const list = useRef<HTMLUListElement>(null);
  const shown = onlyUnread.value ? notifications.value.filter(notification => !notification.read) : notifications.value;
  const anyRead = notifications.value.length > unread.value;
  return (
    <section class="inbox" id="inbox" aria-label="Notifications" tabIndex={-1}>
      <div class="inbox-head">
        <h1>
          Inbox
          <span class="count" aria-label={`${unread.value} unread`} data-testid="unread" hidden={unread.value === 0}>
            {unread.value}
          </span>
        </h1>
        <div class="inbox-tools">
          <button type="button" class="chip" aria-pressed={onlyUnread.value} onClick={() => (onlyUnread.value = !onlyUnread.value)}>
            Unread only
          </button>
          <button type="button" class="chip" disabled={unread.value === 0} onClick={markAllRead}>
            Mark all read
          </button>
          <button type="button" class="chip" disabled={!anyRead} onClick={removeRead}>
            Clear read
          </button>
        </div>
      </div>
      <ConnectionNotice />
      {shown.length > 0 ? (
        <ul class="list" ref={list} onKeyDown={event => moveFocus(event, list.current!)}>
          {shown.map(notification => (
            <NotificationItem key={notification.id} notification={notification} />
          ))}
        </ul>
      ) : (
        <Empty user={user} filtered={notifications.value.length > 0} />
      )}
    </section>
  );
}

function ConnectionNotice() {
  const state = connection.value;
  if (state.state === 'offline')
    return (
      <p class="notice">
        <Icon name="power" />
        You are offline. What is sent to you meanwhile waits, and comes first when you are back.
      </p>
    );
  if (state.state === 'connecting' && state.reason)
    return (
      <p class="notice bad" role="alert">
        <Icon name="warning" />
        <span>
          Not connected: {state.reason}. <span class="muted">Trying again by itself, with a fresh token.</span>
        </span>
      </p>
    );
  return null;
}

function Empty({ user, filtered }: { user: string; filtered: boolean }) {
  const greet = () =>
    publish({ recipients: { to: 'one', user }, kind: 'message', text: `Hello ${user}, this is your first notification.`, from: user, persistent: true }).catch(() => {});
  return (
    <div class="empty">
      <Icon name={filtered ? 'check' : 'inbox'} />
      <h2>{filtered ? 'All read' : 'Nothing here yet'}</h2>
      <p>{filtered ? 'New notifications appear here by themselves.' : 'Whatever any service publishes for you appears here at once, and what comes while you are away waits for you.'}</p>
      {!filtered && connection.value.state === 'online' && (
        <button type="button" class="primary" onClick={greet}>
          Send yourself one
        </button>
      )}
    </div>
  );
}

/** Arrow keys, Home and End walk through the list, as in a mail program. */
function moveFocus(event: KeyboardEvent, list: HTMLUListElement): void {
  const items = [...list.querySelectorAll<HTMLElement>('.item')];
  const at = items.indexOf(document.activeElement?.closest('.item') as HTMLElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
  if (to === undefined || !items[to]) return;
  event.preventDefault();
  items[to]!.focus();
}
