import type { AssistantMessage, ChatDelta, ReasoningSettings } from "@plurivox/core/provider";
import type { Host, ReasoningRequest } from "./compat.ts";

/** The wish for reasoning, in each of the forms that hosts take. */
export const REASONING_REQUESTS: Readonly<Record<ReasoningRequest, (reasoning: ReasoningSettings) => object>> = {
  effort: ({ effort }) => ({ reasoning_effort: effort }),
  object: ({ effort, budgetTokens }) => ({ reasoning: budgetTokens === undefined ? { effort } : { max_tokens: budgetTokens } }),
  enabled: ({ effort }) =>
    effort === "none" ? { reasoning: { enabled: false } } : { reasoning: { enabled: true }, reasoning_effort: effort },
  thinking: ({ effort }) =>
    effort === "none" ? { thinking: { type: "disabled" } } : { thinking: { type: "enabled" }, reasoning_effort: effort },
  "thinking-off": ({ effort }) => (effort === "none" ? { thinking: { type: "disabled" } } : { reasoning_effort: effort }),
  "enable-thinking": ({ effort, budgetTokens }) => ({ enable_thinking: effort !== "none", thinking_budget: budgetTokens }),
  "chat-template": ({ effort }) => ({ chat_template_kwargs: { enable_thinking: effort !== "none" } }),
  none: () => ({}),
};

/** A block of reasoning as gateways hand it on, with what the model's own vendor wants back. */
export interface ReasoningDetail {
  type?: string;
  index?: number;
  text?: string;
  summary?: string;
}

/** What reasoning is read from; the fields that hold its text are the host's. */
interface ReasoningPiece {
  content?: unknown;
  tool_calls?: unknown;
  reasoning_details?: ReasoningDetail[] | null;
  [field: string]: unknown;
}

/** Reasoning, with the field that it came in and the blocks that some hosts want back. */
export class ReasoningReader {
  readonly #host: Host;
  readonly #details: ReasoningDetail[] = [];
  #fresh = true;

  constructor(host: Host) {
    this.#host = host;
  }

  read(piece: ReasoningPiece, out: ChatDelta[]): void {
    const field = fieldOf(piece, this.#host.compat.reasoningFields);
    const blocks = piece.reasoning_details?.length ? piece.reasoning_details : undefined;
    if (field !== undefined || blocks !== undefined) this.#tell(piece, field, blocks, out);
    else if (piece.content || piece.tool_calls) this.#fresh = true;
  }

  #tell(piece: ReasoningPiece, field: string | undefined, blocks: ReasoningDetail[] | undefined, out: ChatDelta[]): void {
    const details = this.#details;
    // Told once, for the list then grows where it is.
    const first = blocks !== undefined && details.length === 0;
    if (blocks !== undefined) for (const block of blocks) addDetail(details, block);
    const text = field === undefined ? blocks!.map((block) => block.text ?? block.summary ?? "").join("") : (piece[field] as string);
    const known = { ...(field !== undefined && { field }), ...(first && { details }) };
    const redacted = text === "" && blocks!.every(({ type }) => type === "reasoning.encrypted");
    out.push({
      type: "reasoning",
      part: "reasoning",
      text,
      ...(redacted && { redacted }),
      ...((this.#fresh || first) && { providerMetadata: { [this.#host.id]: known } }),
    });
    this.#fresh = false;
  }
}

/** The first of these fields that has some text. */
function fieldOf(piece: ReasoningPiece, fields: readonly string[]): string | undefined {
  for (const name of fields) if (typeof piece[name] === "string" && piece[name] !== "") return name;
  return undefined;
}

/** What comes in pieces, which have an index; all else comes whole. */
const IN_PIECES: ReadonlySet<string | undefined> = new Set(["reasoning.text", "reasoning.summary"]);

function addDetail(details: ReasoningDetail[], piece: ReasoningDetail): void {
  const last = details.at(-1);
  if (
    last === undefined ||
    piece.index === undefined ||
    last.index !== piece.index ||
    last.type !== piece.type ||
    !IN_PIECES.has(piece.type)
  ) {
    details.push({ ...piece });
    return;
  }
  const { text, summary } = last;
  Object.assign(
    last,
    piece,
    text !== undefined && { text: text + (piece.text ?? "") },
    summary !== undefined && { summary: summary + (piece.summary ?? "") },
  );
}

/** Earlier reasoning in the field where this host wants it; what another vendor's model thought is left out, or made up for where that is refused. */
export function earlierReasoning(message: AssistantMessage, host: Host): Record<string, unknown> {
  const { reasoningFields, lostReasoning } = host.compat;
  const kept = ownReasoning(message, host);
  if (lostReasoning === false || Object.keys(kept).length > 0) return kept;
  const calls = typeof message.content !== "string" && message.content.some(({ type }) => type === "tool-call");
  return lostReasoning.onlyWithToolCalls && !calls ? kept : { [reasoningFields[0]!]: lostReasoning.text };
}

function ownReasoning({ content, provider }: AssistantMessage, { id, compat }: Host): Record<string, unknown> {
  const { reasoningReplay, reasoningFields } = compat;
  if (reasoningReplay === "none" || typeof content === "string" || (provider !== undefined && provider !== id)) return {};
  const parts = content.filter((part) => part.type === "reasoning");
  const own = parts.map((part) => part.providerMetadata?.[id]);
  const read = own.find((metadata) => metadata?.["field"] !== undefined)?.["field"];
  const field = reasoningReplay === "as-read" ? (read ?? reasoningFields[0]) : reasoningReplay;
  const text = parts.map((part) => part.text).join("");
  const details = own.findLast((metadata) => metadata?.["details"] !== undefined)?.["details"];
  return {
    ...(text !== "" && field !== undefined && { [String(field)]: text }),
    ...(details !== undefined && { reasoning_details: details }),
  };
}
