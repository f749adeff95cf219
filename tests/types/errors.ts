// One error class, told apart by `kind`.
import { isLlmError, LlmError, type ErrorKind } from "plurivox";
import { is, type AnyIn, type Same } from "./assert.ts";

is<
  Same<
    ErrorKind,
    | "configuration"
    | "authentication"
    | "permission"
    | "not-found"
    | "invalid-request"
    | "context-length"
    | "content-filter"
    | "rate-limit"
    | "quota"
    | "overloaded"
    | "server"
    | "connection"
    | "timeout"
    | "aborted"
    | "incomplete-stream"
    | "invalid-response"
    | "invalid-output"
    | "incomplete-output"
    | "schema"
    | "tool"
    | "unsupported"
    | "budget"
  >
>();
is<Same<AnyIn<LlmError>, never>>();

const thrown: unknown = new LlmError("server", "…");
if (isLlmError(thrown)) {
  is<Same<typeof thrown, LlmError>>();
  is<Same<typeof thrown.kind, ErrorKind>>();
}
if (isLlmError(thrown, "rate-limit")) is<Same<typeof thrown.retryAfterMs, number | undefined>>();

// @ts-expect-error: not a kind.
isLlmError(thrown, "ratelimit");
// @ts-expect-error: not a kind.
void new LlmError("oops", "…");
