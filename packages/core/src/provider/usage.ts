import type { Usage } from "../error.ts";

/** Counts as they came. A vendor may leave out any of them, or write what is no count. */
export type Counts = { readonly [Name in keyof Omit<Usage, "estimated">]?: unknown };

/** What a vendor wrote, where it is a count. */
export function toCount(told: unknown): number | undefined {
  return typeof told === "number" && Number.isFinite(told) && told >= 0 ? told : undefined;
}

/** Several counts together; undefined where none of them was told. */
export function sumOf(...told: unknown[]): number | undefined {
  let sum: number | undefined;
  for (const each of told) {
    const count = toCount(each);
    if (count !== undefined) sum = (sum ?? 0) + count;
  }
  return sum;
}

/**
 * Adds up what is known; a field unknown on both sides stays absent. A sum with an estimate in it
 * is one.
 */
export function addUsage(total: Usage, { estimated, ...more }: Usage): Usage {
  const sum: Usage = { ...total, ...(estimated && { estimated }) };
  for (const key of Object.keys(more) as (keyof typeof more)[]) {
    if (more[key] !== undefined) sum[key] = (sum[key] ?? 0) + more[key];
  }
  return sum;
}

/**
 * Usage of which every count means what it means here: an input and an output with all their parts.
 * Some vendors send usage with every piece of a stream, so that nothing is copied here.
 */
export function countUsage(counts: Counts): Usage {
  const told: Usage = {
    inputTokens: toCount(counts.inputTokens),
    outputTokens: toCount(counts.outputTokens),
    totalTokens: toCount(counts.totalTokens),
    cacheReadTokens: toCount(counts.cacheReadTokens),
    cacheWriteTokens: toCount(counts.cacheWriteTokens),
    reasoningTokens: toCount(counts.reasoningTokens),
    // Many vendors list these for every model; only those that there are say something.
    audioInputTokens: toCount(counts.audioInputTokens) || undefined,
    audioOutputTokens: toCount(counts.audioOutputTokens) || undefined,
    imageOutputTokens: toCount(counts.imageOutputTokens) || undefined,
    cacheWrite1hTokens: toCount(counts.cacheWrite1hTokens) || undefined,
  };
  told.inputTokens = wholeInput(told);
  told.outputTokens = wholeOutput(told);
  const { inputTokens = 0, outputTokens = 0, totalTokens: total } = told;
  told.totalTokens = total === undefined ? undefined : Math.max(total, inputTokens + outputTokens);
  return told;
}

/**
 * Cached tokens and sounds are input. Where they are beside it, the total tells; without a total,
 * they are more than all of it.
 */
function wholeInput(told: Usage): number | undefined {
  const { inputTokens: input, outputTokens: output = 0, totalTokens: total = 0 } = told;
  const { cacheReadTokens: read = 0, cacheWriteTokens: written = 0, audioInputTokens: audio = 0 } = told;
  if (input === undefined) return undefined;
  const untold = total - input - output;
  const isReasoning = untold === told.reasoningTokens;
  if (untold > 0 && !isReasoning && [read, written, read + written, audio].includes(untold)) return input + untold;
  if (told.totalTokens !== undefined) return input;
  if (read > input) return input + read + written;
  return read + written > input ? input + written : input;
}

/**
 * Reasoning is output, also where it is counted beside the rest, or only in the total. Some
 * gateways count it in tokens of another kind.
 */
function wholeOutput(told: Usage): number | undefined {
  const { inputTokens: input, outputTokens: output, totalTokens: total = 0, reasoningTokens: reasoning = 0 } = told;
  const untold = input === undefined ? 0 : total - input - (output ?? 0);
  if (untold > 0) return (output ?? 0) + untold;
  return output !== undefined && told.totalTokens === undefined && reasoning > output ? output + reasoning : output;
}

/** Usage as OpenAI's wires and all their relatives write it. */
export type WireUsage = Readonly<Record<string, unknown>>;

const NAMES = {
  input: ["prompt_tokens", "input_tokens"],
  output: ["completion_tokens", "output_tokens"],
  inputDetails: ["prompt_tokens_details", "input_tokens_details"],
  outputDetails: ["completion_tokens_details", "output_tokens_details"],
  read: ["cached_tokens", "cache_read_input_tokens", "prompt_cache_hit_tokens", "num_cached_tokens"],
  written: ["cache_write_tokens", "cache_creation_tokens", "cache_creation_input_tokens"],
  byAge: ["cache_creation", "cache_creation_token_details"],
};
/**
 * Anthropic's names. Gateways write a 0 under them for models that are not Anthropic's and say
 * nothing by it.
 */
const FOREIGN: ReadonlySet<string> = new Set(["cache_read_input_tokens", "cache_creation_tokens", "cache_creation_input_tokens"]);

/** Reads it. The same count has many names, at the top or among the details. */
export function fromUsage(usage: WireUsage): Usage {
  const input = inside([usage], NAMES.inputDetails);
  const output = inside([usage], NAMES.outputDetails);
  return countUsage({
    inputTokens: most([usage], NAMES.input),
    outputTokens: most([usage], NAMES.output),
    totalTokens: usage["total_tokens"],
    cacheReadTokens: most([usage, ...input], NAMES.read),
    cacheWriteTokens: most([usage, ...input], NAMES.written),
    cacheWrite1hTokens: most(inside([usage, ...input], NAMES.byAge), ["ephemeral_1h_input_tokens"]),
    reasoningTokens: most([usage, ...output], ["reasoning_tokens", "thinking_tokens"]),
    audioInputTokens: most(input, ["audio_tokens"]),
    audioOutputTokens: most(output, ["audio_tokens"]),
    imageOutputTokens: most(output, ["image_tokens"]),
  });
}

function inside(places: readonly WireUsage[], names: readonly string[]): WireUsage[] {
  const found = places.flatMap((place) => names.map((name) => place[name]));
  return found.filter((value): value is WireUsage => typeof value === "object" && value !== null);
}

function most(places: readonly WireUsage[], names: readonly string[]): number | undefined {
  let highest: number | undefined;
  for (const place of places) {
    for (const name of names) {
      const count = toCount(place[name]);
      if (count === undefined || (count === 0 && FOREIGN.has(name))) continue;
      if (highest === undefined || count > highest) highest = count;
    }
  }
  return highest;
}
