import { once, type Connection } from "@plurivox/core/provider";
import type { Ollama } from "ollama/browser";

/** The vendor's client, and where it calls, which it keeps to itself. */
export interface Host {
  readonly baseURL: string;
  readonly sdk: Ollama;
}

/** Without Node's file system, which only uploads need. */
const loadSdk = once(() => import("ollama/browser"));

export async function connect({ apiKey, baseURL, headers, fetch }: Connection): Promise<Host> {
  const { Ollama } = await loadSdk();
  const own = new Headers(headers);
  if (apiKey !== undefined && !own.has("authorization")) own.set("authorization", `Bearer ${apiKey}`);
  return { baseURL, sdk: new Ollama({ host: baseURL, fetch: plainFetch(fetch, own) }) };
}

/**
 * A fetch for an SDK with habits: it takes a key from the environment where none is given, has its own way with some headers, and prints what
 * it thinks of errors that are not JSON.
 */
function plainFetch(fetch: Connection["fetch"], own: Headers): Connection["fetch"] {
  return async (input, init) => {
    const headers = new Headers(init?.headers);
    headers.delete("authorization");
    for (const [name, value] of own) headers.set(name, value);
    const response = await fetch(input, { ...init, headers });
    if (response.ok) return response;
    return Response.json({ error: await response.text() }, { status: response.status });
  };
}
