/** What a key, a token or a generated password looks like: a long run without a break, of which no word is made. */
const mixed = /[A-Za-z0-9+=_-]{20,}/g;
const plain = /[a-z0-9]{16,}/g;

/** Whether there is something in a text that looks as if it had been generated. A name, a path, an address or a version does not. */
export function looksRandom(text: string): boolean {
  const runs = (form: RegExp) => text.match(form) ?? [];
  const has = (run: string, ...forms: RegExp[]) => forms.every((form) => form.test(run));
  return runs(mixed).some((run) => has(run, /[a-z]/, /[A-Z]/, /\d/)) || runs(plain).some((run) => has(run, /[a-z]/, /\d/));
}
