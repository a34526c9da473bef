/** A user is one word of a routing key. (Names with a dot work too, but are addressed by the x-recipients header alone.) */
export function isUserName(text: string): boolean {
  return /^[\p{L}\p{N}_-]{1,64}$/u.test(text);
}

/** Splits "alice, bob" at commas and blanks; each name once. */
export function splitUserNames(text: string): string[] {
  return [...new Set(text.split(/[\s,;]+/).filter(name => name !== ''))];
}
