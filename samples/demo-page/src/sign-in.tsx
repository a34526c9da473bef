import { useState } from 'preact/hooks';
import { isUserName } from './user-name.ts';

const suggestions = ['alice', 'bob', 'carol'];

export function SignIn({ onSignIn }: { onSignIn: (user: string) => void }) {
  const [name, setName] = useState('');
  const [fault, setFault] = useState('');
  const submit = (event: Event) => {
    event.preventDefault();
    const user = name.trim();
    if (isUserName(user)) onSignIn(user);
    else setFault(user === '' ? 'Who are you? Type any name.' : 'A name here is letters, digits, - and _ (it becomes a word of a routing key).');
  };
  return (
    <main class="sign-in">
      <form onSubmit={submit} noValidate>
        <img src="favicon.svg" alt="" width="56" height="56" />
        <h1>Your notifications, live</h1>
        <p>
          Sign in as anyone: this is a development system, and it signs a token for whoever asks. Open a second tab as somebody else and write to each other.
        </p>
        <label for="name">User name</label>
        <input
          id="name"
          value={name}
          onInput={event => {
            setName(event.currentTarget.value);
            setFault('');
          }}
          autocomplete="username"
          autocapitalize="none"
          spellcheck={false}
          autofocus
          aria-invalid={fault !== ''}
          aria-describedby="name-fault"
        />
        <p id="name-fault" class="fault" role="alert">
          {fault}
        </p>
        <button type="submit" class="primary">
          Sign in
        </button>
        <div class="suggestions">
          <span>or as</span>
          {suggestions.map(suggestion => (
            <button type="button" key={suggestion} onClick={() => onSignIn(suggestion)}>
              {suggestion}
            </button>
          ))}
        </div>
      </form>
    </main>
  );
}
