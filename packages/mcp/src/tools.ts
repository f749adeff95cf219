import { hash } from "node:crypto";
import type { Client, Progress, Tool as Listed } from "@modelcontextprotocol/client";
import { tool, type Tool } from "@plurivox/core";
import { abortedError, toLlmError, type Peer } from "./errors.ts";
import type { McpOptions } from "./options.ts";
import { toOutput } from "./output.ts";

/** What every vendor takes: OpenAI's 64 letters, digits, _ and -, of which Gemini wants the first to be no digit and no -. */
const FITTING = /^[A-Za-z_][\w-]{0,63}$/;
const LONGEST_NAME = 64;
/** Longer than any call: none but the caller's own limit. */
const FOREVER_MS = 2 ** 31 - 1;

/** The tools that were listed and are wanted, ready to be given to a chat. */
export function toTools(listed: readonly Listed[], client: Client, peer: Peer, options: McpOptions): Tool[] {
  const { include = () => true, prefix = "", approval, timeoutMs = FOREVER_MS } = options;
  const all = [...new Map(listed.map((one) => [one.name, one])).values()];
  const names = toNames(
    all.map(({ name }) => name),
    prefix,
  );
  const wanted = all.filter(({ name }) => (typeof include === "function" ? include(name) : include.includes(name)));
  return wanted.map(({ name, title, description = title, inputSchema, annotations }) => {
    const destroys = annotations?.readOnlyHint !== true && annotations?.destructiveHint !== false;
    return tool<unknown, unknown>({
      name: names.get(name) ?? name,
      description,
      input: inputSchema,
      approval:
        typeof approval === "function" ? (input: unknown) => approval(name, input) : approval === "destructive" ? destroys : approval,
      execute: (input, { signal }) => call(client, peer, { name, input, signal, timeoutMs }),
    });
  });
}

/**
 * A name for each: its own where that fits, else one made of it. The same tools get the same names in any order, so that a stored conversation finds
 * them again.
 */
export function toNames(names: readonly string[], prefix: string): Map<string, string> {
  const cleaned = names.map((name) => `${prefix}${name}`.replaceAll(/[^\w-]/g, "_").replace(/^(?![A-Za-z_])/, "_"));
  return new Map(
    names.map((name, index) => {
      const clean = cleaned[index] ?? name;
      const isFree = cleaned.indexOf(clean) === cleaned.lastIndexOf(clean) && clean.length <= LONGEST_NAME;
      if (isFree || FITTING.test(`${prefix}${name}`)) return [name, clean];
      const mark = `_${hash("sha256", name).slice(0, 8)}`;
      return [name, `${clean.slice(0, LONGEST_NAME - mark.length)}${mark}`];
    }),
  );
}

interface Call {
  name: string;
  input: unknown;
  signal: AbortSignal;
  timeoutMs: number;
}

/** Yields what the server tells of its progress, returns the result. */
async function* call(client: Client, peer: Peer, { name, input, signal, timeoutMs }: Call): AsyncGenerator<Progress, unknown> {
  const own = new AbortController();
  // The server is told of an abort in these words: the reason is the caller's own.
  const abort = () => own.abort("The call was aborted");
  const told: Progress[] = [];
  let news = Promise.withResolvers<false>();
  const onprogress = (progress: Progress) => {
    told.push(progress);
    news.resolve(false);
  };
  signal.addEventListener("abort", abort, { once: true });
  try {
    signal.throwIfAborted();
    const args = (input ?? {}) as Record<string, unknown>;
    const answer = client.callTool({ name, arguments: args }, { signal: own.signal, timeout: timeoutMs, onprogress });
    const settled = answer.then(
      () => true,
      () => true,
    );
    for (let isOver = false; !isOver;) {
      isOver = await Promise.race([settled, news.promise]);
      news = Promise.withResolvers();
      yield* told.splice(0);
    }
    return toOutput(await answer, peer, name);
  } catch (error) {
    throw signal.aborted ? abortedError(signal.reason, peer) : toLlmError(error, peer, name);
  } finally {
    signal.removeEventListener("abort", abort);
    abort();
  }
}
