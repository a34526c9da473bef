import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { Announcer } from './announcer.tsx';
import { Composer } from './composer.tsx';
import { Header } from './header.tsx';
import { unread } from './inbox.ts';
import { InboxView } from './inbox-view.tsx';
import { goOffline, goOnline } from './session.ts';
import { SignIn } from './sign-in.tsx';

/** Per tab, so that two tabs can be two users. */
const userKey = 'notifyorleans.user';
const user = signal(sessionStorage.getItem(userKey) ?? '');
const pane = signal<'inbox' | 'send'>('inbox');

if (user.value) goOnline(user.value);

function signIn(name: string): void {
  sessionStorage.setItem(userKey, name);
  user.value = name;
  pane.value = 'inbox';
  goOnline(name);
}

function signOut(): void {
  goOffline();
  sessionStorage.removeItem(userKey);
  user.value = '';
}

export function App() {
  const count = user.value ? unread.value : 0;
  useEffect(() => {
    document.title = count > 0 ? `(${count}) NotifyOrleans` : 'NotifyOrleans';
  }, [count]);
  if (!user.value) return <SignIn onSignIn={signIn} />;
  return (
    <>
      <a class="skip-link" href="#inbox">
        Skip to notifications
      </a>
      <Header user={user.value} onSignOut={signOut} />
      <main class="panes" data-pane={pane.value}>
        <InboxView user={user.value} />
        <Composer user={user.value} />
      </main>
      <nav class="tabs" aria-label="Panes">
        <button type="button" aria-pressed={pane.value === 'inbox'} onClick={() => (pane.value = 'inbox')}>
          Inbox{count > 0 && <span class="count">{count}</span>}
        </button>
        <button type="button" aria-pressed={pane.value === 'send'} onClick={() => (pane.value = 'send')}>
          Send
        </button>
      </nav>
      <Announcer />
    </>
  );
}
