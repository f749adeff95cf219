import type { ErrorKind } from "../error.ts";
import type { FinishReason } from "../message/types.ts";
import type { Warning } from "../model/chat.ts";

/**
 * The words with which vendors, gateways and servers end an answer, in lower case. What only one
 * provider means by a word stands in that provider's own table. Beside what all share: TGI,
 * llama.cpp, LM Studio, Titan, Qianfan (stop); vLLM, xAI, watsonx, Reka, Cohere, Gemini (length);
 * Z.ai, Hunyuan, Bedrock, Vertex, Gemini, Cohere (content-filter).
 */
const WORDS: Readonly<Record<Exclude<FinishReason, "error" | "other">, string>> = {
  stop: `stop stopped complete completed end ended end_turn finish finished done success succeeded normal
    eos eos_token eosfound end_id endoftext word stop_word stop_words stop_sequence stopstringfound stop_criteria_met`,
  "tool-calls": "tool_calls tool_call tool_use toolcalls function_call function_calls",
  length: `length max_length model_length length_limit max_tokens max_output_tokens max_completion_tokens
    max_tokens_reached maxpredictedtokensreached token_limit token_limit_reached limit max_len time_limit
    context max_context context_length context_length_exceeded contextlengthreached context_window_exceeded
    model_context_window_exceeded error_limit incomplete truncated continuation repetition`,
  "content-filter": `content_filter content_filtered content_blocked safety refusal sensitive recitation language
    blocklist prohibited_content spii guardrail_intervened guardrails moderation blocked flagged model_armor
    image_safety image_prohibited_content image_recitation error_toxic`,
};

/**
 * Words that mean that there is no whole answer because something failed, by the kind of the error.
 * DeepSeek, Z.ai, vLLM and SGLang, OpenRouter and Mistral, Cohere, TensorRT-LLM, LM Studio; Bedrock
 * and Gemini, whose models slipped.
 */
const FAILURES: Readonly<Partial<Record<ErrorKind, string>>> = {
  overloaded: "insufficient_system_resource overloaded capacity",
  server: `error network_error abort aborted cancelled canceled user_cancel userstopped modelunloaded failed failure
    timeout timed_out internal_error server_error engine_error other image_other no_image
    malformed_function_call malformed_response malformed_model_output malformed_tool_use malformed_tool_call
    unexpected_tool_call too_many_tool_calls`,
  "invalid-request": "missing_thought_signature",
};

const REASONS = toMap<FinishReason>({ ...WORDS, error: Object.values(FAILURES).join(" ") });
const KINDS = toMap<ErrorKind>(FAILURES);

function toMap<Value extends string>(table: Readonly<Partial<Record<Value, string>>>): ReadonlyMap<string, Value> {
  const entries = Object.entries(table) as [Value, string][];
  return new Map(entries.flatMap(([value, words]) => words.split(/\s+/).map((word): [string, Value] => [word, value])));
}

function plain(raw: string): string {
  return raw.trim().toLowerCase().replaceAll(/[\s-]/g, "_");
}

/** What a vendor's word means; "other" for one that no table has. */
export function toFinishReason(raw: string): FinishReason {
  return REASONS.get(plain(raw)) ?? "other";
}

/** The kind of error that a word for a failure stands for. */
export function failureKind(raw: string | undefined): ErrorKind {
  return KINDS.get(plain(raw ?? "")) ?? "server";
}

/**
 * Whether an answer that ended so is whole. A word that no table has is taken for a good end; one
 * that was cut, refused or failed is none.
 */
export function isWhole(reason: FinishReason): boolean {
  return reason === "stop" || reason === "tool-calls" || reason === "other";
}

/**
 * Whether an answer was cut because the model's context was full, and not at a limit of the call's
 * own.
 */
export function ranOutOfContext(raw: string | undefined): boolean {
  return raw !== undefined && /context|model_length/.test(plain(raw));
}

export function unknownEnd(provider: string, raw = ""): Warning {
  const message = `The vendor ended the answer with ${JSON.stringify(raw)}, which is not known here; it is taken for a whole answer.`;
  return { code: "unknown-finish-reason", provider, message };
}
