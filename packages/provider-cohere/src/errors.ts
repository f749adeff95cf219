import type { ErrorFacts, ErrorKind } from "@plurivox/core/provider";
import { KIND_BY_STATUS, MONTHLY, NOT_WITH_OUTPUT, TOO_MANY_TOKENS } from "./quirks.ts";

interface ErrorBody {
  id?: string;
  message?: unknown;
  /** The end of a stream says it so. */
  error?: unknown;
  error_type?: string;
}

/** What an error body, or the end of a stream that failed, means. A body that is not the vendor's, such as a proxy's HTML, says nothing here: its status does. */
export function errorFacts({ status, body }: { status?: number; body: unknown }): ErrorFacts {
  const { id, message, error, error_type } = typeof body === "object" && body !== null ? (body as ErrorBody) : {};
  const said = [message, error].find((words) => typeof words === "string") ?? "";
  return {
    kind: kindOf(status, error_type, said),
    message: said,
    code: error_type,
    requestId: id,
    hint: NOT_WITH_OUTPUT.test(said)
      ? 'Leave out tools and documents, or ask for the output in words: output: { schema, mode: "prompt" }.'
      : undefined,
  };
}

function kindOf(status: number | undefined, type: string | undefined, said: string): ErrorKind | undefined {
  const tooMany = type === TOO_MANY_TOKENS.type || TOO_MANY_TOKENS.words.test(said);
  if (tooMany && !TOO_MANY_TOKENS.ofOutput.test(said)) return "context-length";
  if (status === 429 && MONTHLY.test(said)) return "quota";
  return status === undefined ? undefined : KIND_BY_STATUS[status];
}
