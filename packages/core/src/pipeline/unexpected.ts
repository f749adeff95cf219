import { LlmError } from "../error.ts";
import { scrub } from "../http/redact.ts";
import type { Reply } from "../http/reply.ts";
import type { Provider } from "../provider/contract.ts";
import { factsOf, toLlmError } from "../provider/errors.ts";

/** A reply, and who sent it. */
interface Came {
  provider: Provider;
  model: string;
  reply: Pick<Reply, "status" | "headers">;
  secrets: readonly string[];
}

/** How server-sent events begin. */
export const BEGUN_STREAM: RegExp = /^\s*(data|event|id|retry)?:/;

/** A shape that the provider's mapper did not expect. */
export function unreadable(cause: unknown): LlmError {
  const words = cause instanceof Error ? cause.message : String(cause);
  return new LlmError("invalid-response", `The response has a shape that could not be read: ${words}.`, { cause });
}

/** Says what came where a stream or an answer was expected: the vendor's error under a good status, HTML, half a JSON, nothing. */
export function unexpectedBody(source: Came, text: string, expected: string): LlmError {
  const { provider, model, reply, secrets } = source;
  const known = { provider: provider.id, model };
  const body = parseJson(text);
  if (hasError(body)) {
    const facts = factsOf(provider, { headers: reply.headers, body: parseJson(scrub(text, secrets)) });
    return toLlmError(facts, { ...known, headers: reply.headers });
  }
  const type = reply.headers.get("content-type") ?? "no content type";
  const came =
    text.trim() === ""
      ? "an empty body"
      : `${body === undefined ? type : "JSON"} that begins ${JSON.stringify(scrub(text, secrets).trimStart().slice(0, 200))}`;
  const cutShort = body === undefined && /^\s*[[{]/.test(text);
  if (expected === "a stream" && (cutShort || BEGUN_STREAM.test(text))) {
    return new LlmError("incomplete-stream", "The response ended inside its first event.", { ...known, hint: "Send the call again." });
  }
  return new LlmError("invalid-response", `Expected ${expected}, but ${reply.status} came with ${came}.`, {
    ...known,
    status: reply.status,
    retryable: cutShort || text.trim() === "",
    hint: "Check that the base URL is the API's.",
  });
}

export function hasError(body: unknown): boolean {
  return typeof body === "object" && body !== null && "error" in body && body.error !== null && body.error !== undefined;
}

/** The text as JSON, or undefined. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
