/** What the edge answers in development: a token for whoever asks. With a real issuer the page would get its token from there. */
interface TokenReply {
  token: string;
  webSocketPath: string;
}

/** Fetches a token that is good for one connection. Each connection asks anew, so an old token is never used again. */
export async function fetchToken(user: string, roles: string[]): Promise<{ token: string; webSocketUrl: string }> {
  const response = await fetch('demo/token', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user, roles }),
  });
  if (!response.ok) throw new Error(`no token (${response.status}): ${(await response.text()) || response.statusText}`);
  const reply = (await response.json()) as TokenReply;
  const url = new URL(reply.webSocketPath, location.href);
  url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
  return { token: reply.token, webSocketUrl: url.href };
}
