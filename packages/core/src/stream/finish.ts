import type { ErrorKind } from "../error.ts";
import type { FinishReason } from "../message/types.ts";

/** The words with which vendors and hosts end an answer, in lower case. What only one provider means by a word stands in that provider's own table. */
const WORDS: Readonly<Record<Exclude<FinishReason, "error" | "other">, string>> = {
  stop: "stop complete completed end end_turn eos eos_token stop_sequence finish finished done success",
  "tool-calls": "tool_calls tool_call tool_use function_call function_calls",
  length: "length max_tokens max_output_tokens max_completion_tokens max_length model_length token_limit model_context_window_exceeded",
  "content-filter":
    "content_filter content_filtered safety refusal sensitive recitation blocklist prohibited_content spii guardrail_intervened moderation blocked",
};

/** Words that mean that the vendor failed, by the kind of the error. DeepSeek, Z.ai, vLLM and SGLang, OpenRouter and Mistral, Cohere. */
const FAILURES: Readonly<Partial<Record<ErrorKind, string>>> = {
  overloaded: "insufficient_system_resource overloaded capacity",
  server: "error network_error abort aborted cancelled canceled failed failure timeout internal_error server_error engine_error",
};

const REASONS = toMap<FinishReason>({ ...WORDS, error: Object.values(FAILURES).join(" ") });
const KINDS = toMap<ErrorKind>(FAILURES);

function toMap<Value extends string>(table: Readonly<Partial<Record<Value, string>>>): ReadonlyMap<string, Value> {
  const entries = Object.entries(table) as [Value, string][];
  return new Map(entries.flatMap(([value, words]) => words.split(" ").map((word): [string, Value] => [word, value])));
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

/** Whether an answer that ended so is whole. A word that no table has is taken for a good end; one that was cut, refused or failed is none. */
export function isWhole(reason: FinishReason): boolean {
  return reason === "stop" || reason === "tool-calls" || reason === "other";
}

/** Whether an answer was cut because the model's context was full, and not at a limit of the call's own. */
export function ranOutOfContext(raw: string | undefined): boolean {
  return raw !== undefined && /context|model_length/.test(plain(raw));
}
