const SECRET_HEADER = /authorization|api-?key|token|secret|cookie|password/i;
const SECRET_PARAMETER = /key|token|secret|sig|password|auth/i;
export const REDACTED = "[redacted]";

/** Takes every secret out of a text: also one that a vendor echoes in an error. Short strings are no secrets but accidents. */
export function scrub(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) if (secret.length >= 6) clean = clean.replaceAll(secret, REDACTED);
  return clean;
}

/** What must not be seen of a call: its key, and what its own headers carry. */
export function secretsOf(headers: Readonly<Record<string, string>>, apiKey: string | undefined): string[] {
  const carried = Object.entries(headers).flatMap(([name, value]) => (SECRET_HEADER.test(name) ? [value] : []));
  return apiKey === undefined ? carried : [apiKey, ...carried];
}

/** Headers to show to a person. */
export function redactHeaders(headers: Headers | Record<string, string>): Record<string, string> {
  const entries = headers instanceof Headers ? [...headers] : Object.entries(headers);
  return Object.fromEntries(entries.map(([name, value]) => [name, SECRET_HEADER.test(name) ? REDACTED : value]));
}

/** A URL to show to a person: without user, password and secret parameters. */
export function redactUrl(url: string): string {
  const shown = URL.parse(url);
  if (shown === null) return url;
  const secrets = [...shown.searchParams.keys()].filter((name) => SECRET_PARAMETER.test(name));
  if (shown.username === "" && shown.password === "" && secrets.length === 0) return url;
  if (shown.username !== "") shown.username = REDACTED;
  if (shown.password !== "") shown.password = REDACTED;
  for (const name of secrets) shown.searchParams.set(name, REDACTED);
  return shown.href;
}
