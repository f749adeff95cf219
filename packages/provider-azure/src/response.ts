import type { ChatDelta } from "@plurivox/core/provider";
import type { ReadExtras } from "@plurivox/provider-openai-compatible";

/** What a content filter found, by category: `{ filtered: false, severity: "safe" }`, `{ filtered: true, detected: true }`. */
type Filtered = Record<string, { filtered?: boolean; detected?: boolean; severity?: string } | null>;

interface Citation {
  title?: string | null;
  url?: string | null;
  filepath?: string | null;
  content?: string | null;
}

/** A chunk or answer of the chat wire, or a response: what only Azure has in them. */
interface AzureAnswer {
  prompt_filter_results?: { content_filter_results?: Filtered | null }[] | null;
  choices?: { content_filter_results?: Filtered | null; delta?: AzureMessage | null; message?: AzureMessage | null }[] | null;
  content_filters?: { source_type?: string; content_filter_results?: Filtered | null }[] | null;
}

interface AzureMessage {
  context?: { citations?: Citation[] | null } | null;
}

/**
 * Sources of "on your data", and in `providerMetadata.azure` what content filters found: `promptFilter` and `contentFilter` by category, without those
 * that found nothing. A stream may tell of either at any time, also after its finish reason.
 */
export function azureExtras(): ReadExtras {
  const flagged: { promptFilter: Filtered; contentFilter: Filtered } = { promptFilter: {}, contentFilter: {} };

  function note(kind: keyof typeof flagged, results: Filtered | null | undefined, out: ChatDelta[]): void {
    let fresh = false;
    for (const category in results) {
      const found = results[category];
      if (!found?.filtered && !found?.detected && (found?.severity ?? "safe") === "safe") continue;
      flagged[kind][category] = found!;
      fresh = true;
    }
    if (fresh) out.push({ type: "metadata", providerMetadata: { azure: { [kind]: flagged[kind] } } });
  }

  return (answer: AzureAnswer, out) => {
    if (answer.prompt_filter_results)
      for (const { content_filter_results: results } of answer.prompt_filter_results) note("promptFilter", results, out);
    if (answer.choices) {
      for (const { content_filter_results: results, delta, message } of answer.choices) {
        if (results) note("contentFilter", results, out);
        const citations = (delta ?? message)?.context?.citations;
        if (citations) out.push(...citations.map(toSource));
      }
    }
    if (answer.content_filters)
      for (const { source_type: of, content_filter_results: results } of answer.content_filters)
        note(of === "prompt" ? "promptFilter" : "contentFilter", results, out);
  };
}

function toSource({ title, url, filepath, content }: Citation): ChatDelta {
  const known = { url, title, documentId: filepath, text: content };
  return { type: "source", source: { type: "source", ...Object.fromEntries(Object.entries(known).filter(([, value]) => value)) } };
}
