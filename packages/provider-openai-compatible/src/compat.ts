import type {
  CallForm,
  Capabilities,
  ChatDelta,
  ChatWire,
  Feature,
  HistoryRules,
  ModelFamily,
  Provider,
  ToolCallIdRule,
} from "@plurivox/core/provider";
import { FAMILIES } from "./models.ts";

/**
 * How a host of the chat wire is asked to reason. "effort": `reasoning_effort` (OpenAI, xAI, vLLM, Groq); "object": `reasoning: { effort }` (OpenRouter and
 * other gateways); "enabled": `reasoning: { enabled }` and `reasoning_effort` (Together); "thinking": `thinking: { type }` and `reasoning_effort` (DeepSeek,
 * Z.ai); "thinking-off": `reasoning_effort`, and `thinking: { type }` only to turn it off (Moonshot, which refuses both together); "enable-thinking":
 * `enable_thinking`, `thinking_budget` (Qwen at Alibaba); "chat-template": `chat_template_kwargs: { enable_thinking }` (SGLang, NIM, llama.cpp); "none": there is no way to say it.
 */
export type ReasoningRequest = "effort" | "object" | "enabled" | "thinking" | "thinking-off" | "enable-thinking" | "chat-template" | "none";

/** What differs between the hosts that speak OpenAI's wires, as data. The defaults suit most servers. */
export interface Compat {
  /** The field of the chat wire that limits an answer. Default "max_tokens". */
  tokenLimit?: "max_tokens" | "max_completion_tokens";
  /** `stream_options: { include_usage: true }` may be sent; some servers hang on it. Default true. */
  streamUsage?: boolean;
  /** The role of instructions. "by-model": developer where the model's table says that it reasons, else system. Default "system". */
  systemRole?: "system" | "developer" | "by-model";
  /** Fields of a message that hold reasoning as text; the first that has some counts. Default `reasoning_content`, then `reasoning`. */
  reasoningFields?: readonly string[];
  /** The field in which earlier reasoning is sent back, "as-read" for the one it came in, "none" for hosts that want none. Default "as-read". */
  reasoningReplay?: "as-read" | "none" | (string & {});
  /** What stands in for reasoning that is lost, where the host refuses messages of its model without: in all of them, or only in those with tool calls. Default: nothing. */
  lostReasoning?: false | { text: string; onlyWithToolCalls?: true };
  /** Default "effort": the field `reasoning_effort`. */
  reasoningRequest?: ReasoningRequest;
  /** `response_format` takes a JSON Schema; else structured output is asked for in words. Default true. */
  jsonSchema?: boolean;
  /** `response_format` takes "json_object". Default true. */
  jsonObject?: boolean;
  /**
   * `strict` may be sent with schemas and tools; "shape": with schemas that are small and bound no
   * values. Default true.
   */
  strict?: boolean | "shape";
  /** `parallel_tool_calls` may be sent. Default true. */
  parallelToolCalls?: boolean;
  /** Which ids of tool calls the host takes. Default: any. */
  toolCallIds?: ToolCallIdRule;
  /** Features that the chat wire refuses unless this option is true. Default: none. */
  needsOption?: NonNullable<ChatWire["needsOption"]>;
  /** `top_k` may be sent. Default true. */
  topK?: boolean;
  /** The chat wire takes documents by URL. Default false. */
  documentUrls?: boolean;
  /**
   * On responses, the output of a function holds images and documents. Older servers of others
   * refuse them there: llama.cpp, for one, until 2026. Default false.
   */
  resultFiles?: boolean;
  /** Tags in which models put their reasoning into the text here; "usual": <think>, <thinking>, [THINK]. Default: none. */
  reasoningTags?: NonNullable<ChatWire["reasoningTags"]>;
  /** What else the host takes for none of its models. */
  lacks?: readonly Feature[];
  /** Fields of every request on both wires, under everything that the call says. */
  extraBody?: Readonly<Record<string, unknown>>;
}

/** Reads what only one host has in its answers, beside what the base reads: whole answers, chunks and events as they came. */
export type ReadExtras = (answer: object, out: ChatDelta[]) => void;

/** One host, complete: what both mappers know beside the call. */
export interface Host {
  /** The provider id, which is also the key of its `providerMetadata`. */
  id: string;
  families: readonly ModelFamily[];
  compat: Required<Compat>;
  /** Options of the chat wire that only this host has, and where each goes in the body. */
  chatOptions?: Readonly<Record<string, string>> | undefined;
  /** A fresh reader per answer. */
  readExtras?: (() => ReadExtras) | undefined;
  errorFacts: Provider["errorFacts"];
}

const DEFAULTS: Required<Compat> = {
  tokenLimit: "max_tokens",
  streamUsage: true,
  systemRole: "system",
  reasoningFields: ["reasoning_content", "reasoning"],
  reasoningReplay: "as-read",
  lostReasoning: false,
  reasoningRequest: "effort",
  jsonSchema: true,
  jsonObject: true,
  strict: true,
  parallelToolCalls: true,
  toolCallIds: { takes: /^/ },
  needsOption: {},
  topK: true,
  documentUrls: false,
  resultFiles: false,
  reasoningTags: [],
  lacks: [],
  extraBody: {},
};

const TAKES_BUDGET: ReadonlySet<ReasoningRequest> = new Set(["object", "enable-thinking"]);

export function toHost(
  id: string,
  table: readonly ModelFamily[] = FAMILIES,
  compat: Compat = {},
): Pick<Host, "id" | "families" | "compat"> {
  return { id, families: table, compat: { ...DEFAULTS, ...compat } };
}

/** What this host's chat wire cannot say. */
export function chatCapabilities(compat: Required<Compat>): Capabilities {
  const { topK, reasoningRequest } = compat;
  return {
    ...bothCapabilities(compat),
    ...(!topK && { topK: false }),
    ...(reasoningRequest === "none" && { reasoning: false }),
    ...(!TAKES_BUDGET.has(reasoningRequest) && { reasoningBudget: false }),
  };
}

/** What neither wire of this host can say. */
function bothCapabilities({ jsonSchema, jsonObject, parallelToolCalls, lacks }: Required<Compat>): Capabilities {
  return {
    ...Object.fromEntries(lacks.map((feature) => [feature, false])),
    ...(!jsonSchema && { structuredOutput: false }),
    ...(!jsonObject && { jsonMode: false }),
    ...(!parallelToolCalls && { parallelToolCalls: false }),
  };
}

/** What responses has no field for, with any model. https://developers.openai.com/api/reference/resources/responses (2026-11). */
export function responsesCapabilities(compat: Required<Compat>): Capabilities {
  return {
    ...bothCapabilities(compat),
    topK: false,
    stopSequences: false,
    seed: false,
    n: false,
    presencePenalty: false,
    frequencyPenalty: false,
    reasoningBudget: false,
    audioInput: false,
  };
}

type Own = { custom?: unknown; item?: { type?: string } };

/** All of the vendor's tools but these two have items of their own. */
const FORMS: ReadonlyMap<string, CallForm> = new Map([
  ["function_call", "function"],
  ["custom_tool_call", "text"],
]);

/** What a history must be like on responses. */
export const RESPONSES_HISTORY: HistoryRules = {
  // `call_id`, of the OpenAPI description of 2026-11.
  toolCallIds: { takes: /^.{1,64}$/s },
  madeFiles: "own",
  takesReasoning: ({ item }) => item !== undefined,
  // "… was provided without its required following item":
  // https://github.com/openai/openai-node/issues/1567 (2025-07-01)
  reasoningLeads: ({ item }: Own) => item?.type === "reasoning",
  callForm: ({ custom, item }: Own) => (custom ? "text" : (FORMS.get(item?.type ?? "function_call") ?? "own")),
  // https://developers.openai.com/api/docs/guides/conversation-state (2026-11).
  heldBy: ["previousResponseId", "conversation", "previous_response_id"],
};
