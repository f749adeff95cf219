import { LlmError } from "../error.ts";
import type { CallOptions, ChatCall, Warning } from "../model/chat.ts";
import type { Feature, ModelFamily } from "../provider/capabilities.ts";
import type { ChatWire } from "../provider/contract.ts";

/** What is known of the place where a call goes. */
export interface Place {
  provider: string;
  model: string;
  family: ModelFamily | undefined;
  /** What the wire itself cannot say. */
  wire: Pick<ChatWire, "capabilities" | "notWithTools" | "needsOption" | "resultFiles">;
  /** What the caller adds to the request, where an option may stand too. */
  extraBody: CallOptions["extraBody"];
  /** The wire's name, where the provider has several. */
  api: string | undefined;
  /** The same model by the provider's other wires. */
  others(): readonly Pick<Place, "family" | "wire" | "api">[];
}

type Wire = Pick<Place, "family" | "wire">;

export function isRefused(feature: Feature, call: ChatCall, wire: Wire): boolean {
  return isLacking(feature, call, wire) || isRefusedByReasoning(feature, call, wire);
}

/** Refused whether the model reasons or not. */
function isLacking(feature: Feature, call: ChatCall, { family, wire }: Wire): boolean {
  if (wire.capabilities?.[feature] === false || family?.capabilities[feature] === false) return true;
  return call.tools.length > 0 && (family?.notWithTools ?? wire.notWithTools)?.includes(feature) === true;
}

function isRefusedByReasoning(feature: Feature, call: ChatCall, { family }: Wire): boolean {
  return family?.notWhileReasoning?.includes(feature) === true && reasons(call, family);
}

/** The option of the provider's own that would have to be set for a feature. */
export function missingOption(feature: Feature, { providerOptions }: ChatCall, { wire, extraBody }: Place): string | undefined {
  const name = wire.needsOption?.[feature];
  return name === undefined || (providerOptions[name] ?? extraBody?.[name]) === true ? undefined : name;
}

/** Whether it takes no more than reasoning turned off to have the feature. */
export function canStopReasoning(feature: Feature, call: ChatCall, place: Place): boolean {
  const { efforts = ["none"] } = place.family ?? {};
  return !isLacking(feature, call, place) && isRefusedByReasoning(feature, call, place) && efforts.includes("none");
}

function reasons({ reasoning }: ChatCall, family: ModelFamily): boolean {
  if (reasoning === undefined) return family.reasonsByDefault === true;
  return reasoning.effort !== "none";
}

export function unsupported(feature: Feature, call: ChatCall, place: Place): LlmError {
  const { provider, model } = place;
  const other = place.others().find((wire) => !isRefused(feature, call, wire))?.api;
  const elsewhere = other === undefined ? "" : `api: "${other}"`;
  if (isLacking(feature, call, place)) {
    const another = elsewhere === "" ? "use another model" : `use ${elsewhere} or another model`;
    return new LlmError("unsupported", `model "${model}" does not support ${feature}.`, {
      provider,
      model,
      hint: `Remove it, ${another}, or set onUnsupported: "warn".`,
    });
  }
  const quiet = canStopReasoning(feature, call, place) ? `reasoning: "none"` : "";
  const ways = [quiet, elsewhere].filter((way) => way !== "").join(", or ");
  return new LlmError("unsupported", `model "${model}" ${takesNone(feature, place)}.`, {
    provider,
    model,
    hint: ways === "" ? "Remove it, or use another model." : `Set ${ways}.`,
  });
}

function takesNone(feature: Feature, { api }: Place): string {
  const where = api === undefined ? "" : ` on ${api === "chat" ? "chat completions" : api}`;
  return `takes no ${feature}${where} while it reasons`;
}

export function dropped(feature: Feature, call: ChatCall, place: Place): Warning {
  const { provider, model } = place;
  const message = isLacking(feature, call, place)
    ? `${model} does not support ${feature}; it was left out.`
    : `${model} ${takesNone(feature, place)}; it was left out.${canStopReasoning(feature, call, place) ? ` Set reasoning: "none" to use it.` : ""}`;
  return { code: "unsupported", feature, provider, message };
}

export function reasoningOff(feature: Feature, place: Place): Warning {
  const { provider, model } = place;
  return { code: "reasoning-off", feature, provider, message: `${model} ${takesNone(feature, place)}; it was told not to reason.` };
}

export function needing(missing: string, feature: Feature, { provider }: Place): Warning {
  const message = `${provider} takes ${feature} only with providerOptions["${provider}"].${missing}: true; it was left out.`;
  return { code: "needs-option", feature, provider, message };
}
