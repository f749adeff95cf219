import type { ErrorFacts } from "@plurivox/core/provider";
import { LACKS, NO_MEMORY, NOT_PULLED, USAGE_LIMIT } from "./quirks.ts";

/** What an error body means, or a line of a stream: `{"error": "…"}`, sometimes with a status. What a proxy says in another form is left to its status. */
export function errorFacts({ body }: { body: unknown }): ErrorFacts {
  const { error, status_code: status, signin_url: signIn } = typeof body === "object" && body !== null ? (body as ErrorBody) : {};
  const message = typeof error === "string" ? error : (error?.message ?? (typeof body === "string" ? body : ""));
  const contextHint = "Shorten the messages, or raise numCtx.";
  const facts = { message, contextHint, ...(typeof status === "number" && { status }) };
  const missing = NOT_PULLED.exec(message)?.[1];
  if (missing !== undefined) return { ...facts, kind: "not-found", hint: `Run: ollama pull ${missing}` };
  if (USAGE_LIMIT.test(message)) return { ...facts, kind: "quota" };
  if (LACKS.test(message)) return { ...facts, kind: "unsupported", hint: "Use another model, or leave that out of the call." };
  if (NO_MEMORY.test(message)) return { ...facts, kind: "server", retryable: false, hint: "Use a smaller model, or lower numCtx." };
  if (signIn !== undefined) return { ...facts, hint: "Run: ollama signin, or set an API key." };
  return facts;
}

interface ErrorBody {
  error?: string | { message?: string };
  status_code?: unknown;
  signin_url?: string;
}
