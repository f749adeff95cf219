import type { ErrorKind, LlmError } from "../error.ts";
import type { CallOptions, ChatCall, Warning } from "../model/chat.ts";
import type { CallMetrics } from "../model/metrics.ts";
import type { ReasoningTag, Timeouts } from "../model/policy.ts";
import type { FilePart } from "../message/types.ts";
import type { JsonSchema } from "../model/tool.ts";
import type { MediaSettings } from "../model/media.ts";
import type { ApiKey, Limits, LimitStore, WeightedKey } from "../model/limits.ts";
import { findFamily, onWire, type Feature, type ModelFamily } from "../provider/capabilities.ts";
import type { ChatWire, Provider } from "../provider/contract.ts";
import { DEFAULT_TAGS } from "../stream/reasoning-tags.ts";
import { checkChat } from "./check.ts";
import { handOff } from "./handoff.ts";
import { prepareChat } from "./prepare.ts";
import type { Place } from "./refusals.ts";
import { placeResultFiles } from "./result-files.ts";
import { holdToSchemas } from "./schemas.ts";
import { toRetryPolicy, type RetryPolicy } from "./retry.ts";
import { toTimeouts } from "./timeouts.ts";

/** Where a call of any kind goes: a profile, made definite, and the context that it is of. */
export interface Destination {
  profile: string;
  provider: Provider;
  model: string;
  baseURL: string;
  deployment: string | undefined;
  apiVersion: string | undefined;
  /** One or several, asked anew for each attempt, so that they can be rotated. */
  apiKeys: readonly (ApiKey | WeightedKey | undefined)[];
  /** What a call without a key is told, undefined where it needs none. */
  missingKey(): LlmError | undefined;
  options: Pick<CallOptions, "headers" | "signal" | "timeoutMs" | "user" | "metadata">;
  limits: Limits | undefined;
  limitStore: LimitStore | undefined;
  /** Stands for the context: what its calls share is found by it. */
  home: object;
  approvalSecret: string | undefined;
  fetch: typeof fetch | undefined;
  /** Every address but loopback is refused. */
  loopbackOnly: boolean;
  /** Registers a call where it runs, until `end`. The signal is aborted when that place closes. */
  begin(): { signal: AbortSignal; end(): void };
  /** Told once, when the call is over, however it ended. */
  onMetrics(metrics: CallMetrics): void;
}

/** Where a chat goes, and with which options. */
export interface Target extends Destination {
  family: ModelFamily | undefined;
  wire: ChatWire;
  api: string | undefined;
  options: CallOptions;
  /** Where the call goes if this profile fails, in order. */
  fallbacks: readonly Fallback[];
  media: MediaSettings | undefined;
  /** How many running tools the call is made in. */
  depth: number;
}

/** A further profile of a call's chain, tried where one before it failed. */
export interface Fallback {
  /** As the caller named it. */
  name: string;
  /** The failures after which it is tried. Default: those that another model or vendor may not have. */
  on?: readonly ErrorKind[];
  target: Target;
}

/** One chat, ready to run: the call as data and all that the pipeline needs round it. */
export interface ChatPlan {
  target: Target;
  call: ChatCall;
  warnings: Warning[];
  /** Those files of the call that tools returned. */
  resultFiles: ReadonlySet<FilePart>;
  /** Features that the call uses: those sent as asked, and those made up for. */
  supported: Feature[];
  emulated: Feature[];
  timeouts: Required<Timeouts>;
  retry: RetryPolicy;
  /** The tool through which the model gives its answer, where structured output goes that way. */
  answerTool: string | undefined;
  /** The schemas of tools that were made strict, as they were. */
  widened?: ReadonlyMap<string, JsonSchema>;
  /** Tags in which this endpoint's models put their reasoning. */
  reasoningTags: readonly ReasoningTag[];
}

/** The caller's input, prepared and checked. Throws before anything is sent. */
export async function planChat(target: Target, input: string | readonly unknown[], stream: boolean): Promise<ChatPlan> {
  const { provider, model, deployment, family, wire, options } = target;
  const prepared = prepareChat(input, options, { provider: provider.id, model, deployment, stream });
  const { extraBody, onUnsupported: policy } = options;
  const host = hostBesides(provider, target.baseURL);
  const handed = handOff(prepared.call, { provider: provider.id, rules: wire, host, extraBody });
  const place = { provider: provider.id, model, family, wire, extraBody, api: target.api, others: () => otherWires(target) };
  const placed = placeResultFiles(handed.call, place, policy);
  const check = (at: Place) => checkChat(placed.call, prepared.outputMode, at, policy);
  const checked = await holdToSchemas(check(place), { ...prepared, place, policy, check, load: wire.load });
  return {
    target,
    ...checked,
    resultFiles: placed.files,
    warnings: [...prepared.warnings, ...handed.warnings, ...placed.warnings, ...checked.warnings],
    timeouts: toTimeouts(options.timeouts, stream),
    retry: toRetryPolicy(options.retry),
    reasoningTags: tagsOf(options, wire, family),
  };
}

/** The host that an address names, with its port; undefined where it is the provider's own. */
export function hostBesides({ baseURL: own }: Pick<Provider, "baseURL">, baseURL: string): string | undefined {
  const { host } = new URL(baseURL);
  return own !== undefined && new URL(own).host === host ? undefined : host;
}

function otherWires({ provider, model, wire: own }: Target): Pick<Place, "family" | "wire" | "api">[] {
  const family = findFamily(provider.families, model);
  return Object.entries(provider.apis ?? {}).flatMap(([api, wire]) => (wire === own ? [] : [{ api, wire, family: onWire(family, api) }]));
}

/** Only where somebody says so: text of other models may speak of such tags. */
function tagsOf({ reasoningTags }: CallOptions, wire: ChatWire, family: ModelFamily | undefined): readonly ReasoningTag[] {
  if (reasoningTags !== undefined) return reasoningTags || [];
  const known = family?.reasoningTags ?? wire.reasoningTags;
  return known === "usual" ? DEFAULT_TAGS : (known ?? []);
}
