import type { ErrorFacts } from "@plurivox/core/provider";
import { errorFacts } from "@plurivox/provider-openai-compatible";
import { CODES, STATUS_HINTS } from "./quirks.ts";

/** What an error means: the facts of OpenAI's wires, with the categories that a content filter stepped in for, and what to do on Azure. */
export function azureErrorFacts(from: { status?: number; headers?: Headers; body: unknown }): ErrorFacts {
  const facts = errorFacts(from);
  const { code, message } = facts;
  const known = code !== undefined && Object.hasOwn(CODES, code) ? CODES[code] : undefined;
  const categories = filteredFor(from.body);
  return {
    ...facts,
    kind: facts.kind ?? known?.kind,
    message: categories.length === 0 ? message : `${message ?? "The content filter refused this."} Filtered for: ${categories.join(", ")}.`,
    hint: known?.hint ?? (code === undefined ? STATUS_HINTS[from.status ?? 0] : undefined),
  };
}

type Results = Record<string, { filtered?: boolean } | null>;

/** `{ error: { innererror: { content_filter_result: { violence: { filtered: true } } } } }`; of a response that failed, `{ content_filters: […] }`. */
function filteredFor(body: unknown): string[] {
  const { error, content_filters: filters } = (body ?? {}) as {
    error?: { innererror?: { content_filter_result?: Results; content_filter_results?: Results } | null } | string | null;
    content_filters?: { content_filter_results?: Results }[] | null;
  };
  const inner = typeof error === "object" ? error?.innererror : undefined;
  const ofOutput = (filters ?? []).map((filter) => filter.content_filter_results);
  const found = [inner?.content_filter_result, inner?.content_filter_results, ...ofOutput].flatMap((results) =>
    Object.entries(results ?? {}),
  );
  return [...new Set(found.filter(([, result]) => result?.filtered === true).map(([category]) => category))];
}
