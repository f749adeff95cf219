import { findFamily, type ChatCall } from "@plurivox/core/provider";
import { BUDGET_FIELD, FAMILIES, type NimFamily } from "./models.ts";
import type { NvidiaNimOptions } from "./options.ts";

type Json = Record<string, unknown>;

/** A body of the chat wire, with the wish for reasoning as the model's family takes it. The body is new and nobody else's yet. */
export function withReasoning(body: Json, call: ChatCall): Json {
  const { reasoning } = call;
  const { chatTemplateKwargs } = call.providerOptions as NvidiaNimOptions;
  const family = findFamily(FAMILIES, call.model);
  const kwargs = { ...toKwargs(reasoning, family), ...chatTemplateKwargs };
  if (Object.keys(kwargs).length > 0) body["chat_template_kwargs"] = kwargs;
  if (reasoning === undefined) return body;
  if (family?.kwargs !== undefined || family?.words !== undefined) delete body["reasoning_effort"];
  if (family?.words !== undefined) body["messages"] = lead(body["messages"] as Json[], family.words[isOff(reasoning) ? "off" : "on"]);
  if (reasoning.budgetTokens !== undefined) body[family?.budgetField ?? BUDGET_FIELD] = reasoning.budgetTokens;
  return body;
}

function isOff({ effort }: NonNullable<ChatCall["reasoning"]>): boolean {
  return effort === "none";
}

function toKwargs(reasoning: ChatCall["reasoning"], family: NimFamily | undefined): Readonly<Json> {
  if (reasoning === undefined || family?.kwargs === undefined) return {};
  const { kwargs, effortKwarg } = family;
  if (isOff(reasoning)) return kwargs.off;
  const { effort } = reasoning;
  return {
    ...kwargs.on,
    ...(effort === "low" && kwargs.low),
    ...(effortKwarg !== undefined && effort !== undefined && { [effortKwarg]: effort }),
  };
}

/** The words only count at the very beginning, so they go before the caller's own instructions. */
function lead(messages: Json[], words: string): Json[] {
  const [first, ...rest] = messages;
  if (first?.["role"] !== "system") return [{ role: "system", content: words }, ...messages];
  const { content } = first;
  const text = { type: "text", text: words };
  return [{ ...first, content: typeof content === "string" ? `${words}\n${content}` : [text, ...(content as Json[])] }, ...rest];
}
