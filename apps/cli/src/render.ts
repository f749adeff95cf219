import type { CallMetrics, ChatEvent, ChatResult, FinishReason, ToolCall, Warning } from "plurivox";
import type { Output } from "./output.ts";

/** Shows an event as it comes: text as the answer, reasoning dimmed, the rest as notes. */
export async function showEvent(event: ChatEvent, out: Output): Promise<void> {
  switch (event.type) {
    case "text":
      return out.answer(event.text);
    case "reasoning":
      return out.aside(event.text, "dim");
    case "reasoning-end":
      return out.endAside();
    case "refusal":
      return out.aside(event.text, "yellow");
    case "tool-call":
      return out.note(`→ ${toolCallLine(event)}`, "cyan");
    case "tool-result":
      return out.note(`← ${event.toolName}: ${JSON.stringify(event.output)}`, "cyan");
    case "source":
      return out.note(`[source] ${[event.source.title, event.source.url].filter(Boolean).join(" ")}`, "dim");
    case "warning":
      return out.note(`warning: ${event.warning.message}`, "yellow");
    case "retry":
      return out.note(`${event.error.message} Trying again in ${seconds(event.delayMs)}.`, "yellow");
  }
}

/** Shows what came whole, in the same order as a stream would. */
export async function showResult(result: ChatResult, out: Output): Promise<void> {
  for (const warning of result.warnings) await showEvent({ type: "warning", warning }, out);
  if (result.reasoning !== undefined) out.note(result.reasoning, "dim");
  await out.answer(result.text);
  if (result.refusal !== undefined) out.note(result.refusal, "yellow");
  for (const call of result.toolCalls) await showEvent({ type: "tool-call", ...call }, out);
}

/** `name({"city":"Oslo"})` */
function toolCallLine({ toolName, input }: Pick<ToolCall, "toolName" | "input">): string {
  return `${toolName}(${typeof input === "string" ? input : JSON.stringify(input)})`;
}

const UNUSUAL_END: Readonly<Partial<Record<FinishReason, string>>> = {
  length: "cut off at the token limit",
  "content-filter": "stopped by the content filter",
  error: "ended with an error",
};

/** Model, tokens, time and cost of a call, as far as they are known. */
export function summary(metrics: CallMetrics, finishReason?: FinishReason): string {
  const { label, usage, durationMs, ttftMs, tokensPerSecond, cost, cancelled } = metrics;
  const { inputTokens, outputTokens, reasoningTokens, cacheReadTokens } = usage;
  const details = [reasoningTokens && `${reasoningTokens} reasoning`, cacheReadTokens && `${cacheReadTokens} cached`].filter(Boolean);
  return [
    label,
    (inputTokens !== undefined || outputTokens !== undefined) &&
      `${inputTokens ?? "?"} tokens in, ${outputTokens ?? "?"} out${details.length > 0 ? ` (${details.join(", ")})` : ""}`,
    `${seconds(durationMs)}${ttftMs === undefined ? "" : `, the first after ${seconds(ttftMs)}`}`,
    tokensPerSecond !== undefined && tokensPerSecond > 0 && `${Math.round(tokensPerSecond)} tokens/s`,
    cost !== undefined && `$${cost.totalUsd.toFixed(6)}`,
    cancelled && "stopped",
    finishReason !== undefined && UNUSUAL_END[finishReason],
  ]
    .filter(Boolean)
    .join(" · ");
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

/** The one object that `--json` prints: what a script needs of a result, without the vendor's raw data. */
export interface JsonResult {
  text: string;
  reasoning?: string;
  refusal?: string;
  toolCalls: ToolCall[];
  finishReason: FinishReason;
  usage: ChatResult["usage"];
  cost?: ChatResult["cost"];
  metrics: CallMetrics;
  warnings: Warning[];
  provider: string;
  model: string;
}

export function toJsonResult(result: ChatResult): JsonResult {
  const { text, reasoning, refusal, toolCalls, finishReason, usage, cost, metrics, warnings, provider, model } = result;
  return {
    text,
    ...(reasoning !== undefined && { reasoning }),
    ...(refusal !== undefined && { refusal }),
    toolCalls,
    finishReason,
    usage,
    ...(cost !== undefined && { cost }),
    metrics,
    warnings,
    provider,
    model,
  };
}
