import { fullTime, now, timeText } from './clock.ts';
import { Icon } from './icons.tsx';
import { markRead } from './inbox.ts';
import { kindOf } from './kinds.ts';
import type { Notification } from './notification.ts';

export function NotificationItem({ notification }: { notification: Notification }) {
  const { id, read, dropped } = notification;
  const kind = kindOf(notification.routingKey);
  const toEveryone = notification.routingKey.startsWith('broadcast');
  const at = notification.sentAt ?? notification.receivedAt;
  const toggle = () => markRead(id, !read);
  return (
    <>
      <li
        class="item"
        data-read={read}
        tabIndex={0}
        onClick={toggle}
        onKeyDown={event => {
          if (event.key !== 'Enter' && event.key !== ' ') return;
          event.preventDefault();
          toggle();
        }}
      >
        <span class="item-icon" data-kind={kind?.icon ?? 'bell'}>
          <Icon name={toEveryone ? 'megaphone' : (kind?.icon ?? 'bell')} />
        </span>
        <div class="item-body">
          <p class="item-title">
            <span>{kind?.label ?? 'Notification'}</span>
            {notification.from && <span class="muted">from {notification.from}</span>}
            <time dateTime={new Date(at).toISOString()} title={fullTime(at)}>
              {timeText(at, now.value)}
            </time>
          </p>
          <p class="item-text">{notification.text}</p>
          <p class="item-meta">
            <code title="The routing key that it was published with">{notification.routingKey}</code>
            {toEveryone && <span class="tag">everyone</span>}
            {notification.missed && (
              <span class="tag missed" title="Sent while you were away; it waited for you">
                waited for you
              </span>
            )}
            {notification.redelivered && (
              <span class="tag" title="It may have been shown before (redelivered)">
                delivered again
              </span>
            )}
            {notification.place && (
              <span class="place" title="Its place in your mailbox: epoch and number (x-offset)">
                {notification.place}
              </span>
            )}
          </p>
        </div>
        <span class="unread-dot" role="img" aria-label={read ? 'read' : 'unread'} />
      </li>
      {dropped > 0 && (
        <li class="gap">
          <Icon name="gap" />
          {dropped === 1 ? 'One older notification is' : `${dropped} older notifications are`} gone: they waited too long, or too many did
        </li>
      )}
    </>
  );
}
