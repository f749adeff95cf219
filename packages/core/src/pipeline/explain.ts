import { LlmError } from "../error.ts";
import { redactHeaders, redactUrl, scrub } from "../http/redact.ts";
import type { Explanation } from "../model/explanation.ts";
import { estimateTokens } from "./estimate.ts";
import { poolOf } from "./keys.ts";
import { withFiles } from "./media.ts";
import type { ChatPlan } from "./plan.ts";

/** Stands in where no key is known: a dry run needs none. */
const NO_KEY = "no-key-for-a-dry-run";

/** Lets the vendor's SDK build the request and stops it at the wire. */
export async function explainChat(plan: ChatPlan): Promise<Explanation> {
  const { target, warnings, supported, emulated } = plan;
  // Files by path are read; nobody is asked for one by URL.
  const local = { ...plan, target: { ...target, wire: { ...target.wire, noUrls: [] } } };
  const { call } = await withFiles(local, new Map(), new AbortController().signal);
  const { provider, options } = target;
  let sent: Request | undefined;
  const stop = new Error("dry run");
  const capture: typeof fetch = async (input, init) => {
    sent = new Request(input, { ...init, signal: null });
    throw stop;
  };
  const apiKey =
    (await poolOf(target)
      .pick()
      .key()
      .catch(() => undefined)) || (target.missingKey() === undefined ? undefined : NO_KEY);
  const adapter = await target.wire.load();
  const request = adapter.toRequest(call) as object;
  const { baseURL, apiVersion } = target;
  const client = await provider.connect({ apiKey, baseURL, apiVersion, headers: options.headers ?? {}, fetch: capture });
  await adapter.send(client, { ...request, ...options.extraBody }, { stream: call.stream }).catch((error: unknown) => {
    if (sent === undefined) throw new LlmError("configuration", "The request could not be built.", { provider: provider.id, cause: error });
  });
  if (sent === undefined) throw new LlmError("configuration", "The vendor's SDK sent no request.", { provider: provider.id });
  const text = scrub(await sent.text(), apiKey === undefined ? [] : [apiKey]);
  const shown = { method: sent.method, url: redactUrl(sent.url), headers: redactHeaders(sent.headers), body: JSON.parse(text) as unknown };
  return {
    request: shown,
    supported,
    emulated,
    dropped: warnings,
    curl: toCurl(shown, text),
    estimate: { inputTokens: estimateTokens(call) },
  };
}

function toCurl({ method, url, headers }: Explanation["request"], body: string): string {
  const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
  const lines = [
    `curl -X ${method} ${quote(url)}`,
    ...Object.entries(headers).map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`),
    `-d ${quote(body)}`,
  ];
  return lines.join(" \\\n  ");
}
