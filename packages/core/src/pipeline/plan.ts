import type { ErrorKind, LlmError } from "../error.ts";
import type { CallMetrics, CallOptions, ChatCall, Warning } from "../model/chat.ts";
import type { ReasoningTag, Timeouts } from "../model/policy.ts";
import type { MediaSettings } from "../model/media.ts";
import type { ApiKey, Limits, LimitStore, WeightedKey } from "../model/limits.ts";
import { findFamily, onWire, type Feature, type ModelFamily } from "../provider/capabilities.ts";
import type { ChatWire, Provider } from "../provider/contract.ts";
import { DEFAULT_TAGS } from "../stream/reasoning-tags.ts";
import { checkChat, type Place } from "./check.ts";
import { handOff } from "./handoff.ts";
import { prepareChat } from "./prepare.ts";
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
  options: Pick<CallOptions, "headers" | "signal" | "timeoutMs">;
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
  /** Features that the call uses: those sent as asked, and those made up for. */
  supported: Feature[];
  emulated: Feature[];
  timeouts: Required<Timeouts>;
  retry: RetryPolicy;
  /** The tool through which the model gives its answer, where structured output goes that way. */
  answerTool: string | undefined;
  /** Tags in which this endpoint's models put their reasoning. */
  reasoningTags: readonly ReasoningTag[];
}

/** The caller's input, prepared and checked. Throws before anything is sent. */
export function planChat(target: Target, input: string | readonly unknown[], stream: boolean): ChatPlan {
  const { provider, model, deployment, family, wire, options } = target;
  const { call, outputMode } = prepareChat(input, options, { provider: provider.id, model, deployment, stream });
  const handed = handOff(call, provider.id, wire);
  const place = { provider: provider.id, model, family, wire, api: target.api, others: () => otherWires(target) };
  const checked = checkChat(handed.call, outputMode, place, options.onUnsupported);
  return {
    target,
    ...checked,
    warnings: [...handed.warnings, ...checked.warnings],
    timeouts: toTimeouts(options.timeouts, stream),
    retry: toRetryPolicy(options.retry),
    reasoningTags: tagsOf(options, wire, family),
  };
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
