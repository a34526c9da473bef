import { connection, goOffline, goOnline } from './session.ts';
import { Icon } from './icons.tsx';
import { nextTheme, theme } from './theme.ts';

export function Header({ user, onSignOut }: { user: string; onSignOut: () => void }) {
  const state = connection.value;
  return (
    <header class="bar">
      <div class="brand">
        <img src="favicon.svg" alt="" width="28" height="28" />
        <span>NotifyOrleans</span>
      </div>
      <button
        type="button"
        class="connection"
        data-state={state.state}
        onClick={() => (state.state === 'offline' ? goOnline(user) : goOffline())}
        title={state.state === 'offline' ? 'Connect again' : 'Disconnect, to see what waits for you afterwards'}
      >
        <span class="dot" />
        <span role="status">{{ online: 'Online', connecting: 'Connecting…', offline: 'Offline' }[state.state]}</span>
        <span class="action">{state.state === 'offline' ? 'Go online' : 'Go offline'}</span>
      </button>
      <div class="who">
        <span class="avatar" aria-hidden="true">
          {user[0]!.toUpperCase()}
        </span>
        <span class="name">{user}</span>
        <button type="button" class="quiet" onClick={nextTheme} aria-label={`Theme: ${theme.value}. Change`} title={`Theme: ${theme.value}`}>
          <Icon name={theme.value} />
        </button>
        <button type="button" class="quiet" onClick={onSignOut} aria-label="Sign out" title="Sign out">
          <Icon name="leave" />
        </button>
      </div>
    </header>
  );
}
