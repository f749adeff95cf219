import type { CallOptions, Message } from "@plurivox/core";
import type { Feature } from "@plurivox/core/provider";
import { user } from "../expect.ts";
import { PDF, PNG, SCHEMA, TIME, WAV, WEATHER } from "../samples.ts";

/** A call that uses a feature. */
export interface Use {
  /** The feature and those that it cannot be without. */
  needs: readonly Feature[];
  input?: Message[];
  options: CallOptions;
  /** The same call without the feature. Calls that compare with the same one share it. */
  without: CallOptions;
}

const PLAIN: CallOptions = {};
const WITH_TOOLS: CallOptions = { tools: [WEATHER, TIME] };

function option(feature: Feature, options: CallOptions): Use {
  return { needs: [feature], options, without: PLAIN };
}

function file(feature: Feature, data: Uint8Array, mediaType: string): Use {
  const part = { type: "file" as const, data, mediaType, filename: "kit-file" };
  return { needs: [feature], input: [user({ type: "text", text: "hi" }, part)], options: PLAIN, without: PLAIN };
}

/** One call for each feature that there is. */
export const USES: Readonly<Record<Feature, Use>> = {
  tools: option("tools", WITH_TOOLS),
  toolChoice: { needs: ["tools", "toolChoice"], options: { ...WITH_TOOLS, toolChoice: "required" }, without: WITH_TOOLS },
  parallelToolCalls: { needs: ["tools", "parallelToolCalls"], options: { ...WITH_TOOLS, parallelToolCalls: false }, without: WITH_TOOLS },
  imageInput: file("imageInput", PNG, "image/png"),
  documentInput: file("documentInput", PDF, "application/pdf"),
  audioInput: file("audioInput", WAV, "audio/wav"),
  structuredOutput: option("structuredOutput", { output: { schema: SCHEMA, mode: "native" } }),
  jsonMode: option("jsonMode", { output: "json" }),
  reasoning: option("reasoning", { reasoning: "high" }),
  reasoningBudget: { needs: ["reasoning", "reasoningBudget"], options: { reasoning: { budgetTokens: 2048 } }, without: PLAIN },
  temperature: option("temperature", { temperature: 0.5 }),
  topP: option("topP", { topP: 0.5 }),
  topK: option("topK", { topK: 5 }),
  stopSequences: option("stopSequences", { stopSequences: ["END"] }),
  seed: option("seed", { seed: 7 }),
  n: option("n", { n: 2 }),
  presencePenalty: option("presencePenalty", { presencePenalty: 0.5 }),
  frequencyPenalty: option("frequencyPenalty", { frequencyPenalty: 0.5 }),
  logprobs: option("logprobs", { logprobs: 2 }),
  cache: option("cache", { cache: { ttl: "1h", key: "kit" } }),
  user: option("user", { user: "user-17" }),
  metadata: option("metadata", { metadata: { team: "kit" } }),
};

export const FEATURES: readonly Feature[] = Object.keys(USES) as Feature[];
