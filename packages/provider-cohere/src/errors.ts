import type { ErrorFacts, ErrorKind } from "@plurivox/core/provider";
import { KIND_BY_STATUS, MONTHLY, NOT_WITH_OUTPUT } from "./quirks.ts";

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
    kind: kindOf(status, said),
    message: said,
    code: error_type,
    requestId: id,
    hint: NOT_WITH_OUTPUT.test(said)
      ? 'Leave out tools and documents, or ask for the output in words: output: { schema, mode: "prompt" }.'
      : undefined,
  };
}

function kindOf(status: number | undefined, said: string): ErrorKind | undefined {
  if (status === 429 && MONTHLY.test(said)) return "quota";
  return status === undefined ? undefined : KIND_BY_STATUS[status];
}
