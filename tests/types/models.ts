// What a provider package adds to core's types by being imported: ids that autocomplete, and the vendor's own options.
import { llm, type CallOptions, type KnownModels, type ModelId, type ProviderOptions } from "plurivox";
import type { AnthropicModel, AnthropicOptions } from "@plurivox/provider-anthropic";
import type { OpenAiModel, OpenAiOptions } from "@plurivox/provider-openai";
import { is, type Assignable, type AnyIn, type Same } from "./assert.ts";

is<Same<KnownModels["anthropic"], AnthropicModel>>();
is<Same<KnownModels["openai"], OpenAiModel>>();
// Closed lists, so that they can be offered: `string` would swallow them.
is<Same<Assignable<string, AnthropicModel>, false>>();
is<Same<Assignable<string, OpenAiModel>, false>>();

is<
  Same<
    Extract<ModelId, "anthropic/claude-haiku-5-5" | "openai/gpt-6-luna" | "anthropic/unheard-of">,
    "anthropic/claude-haiku-5-5" | "openai/gpt-6-luna"
  >
>();
is<Same<CallOptions["model"], ModelId | undefined>>();
is<Assignable<"anthropic/released-tomorrow", ModelId>>();
is<Assignable<"a-provider-of-ours/model", ModelId>>();

is<Same<ProviderOptions["anthropic"], AnthropicOptions | undefined>>();
is<Same<ProviderOptions["openai"], OpenAiOptions | undefined>>();
is<Same<AnyIn<AnthropicOptions>, never>>();
is<Same<AnyIn<OpenAiOptions>, never>>();

void llm().chat("", { model: "anthropic/claude-haiku-5-5", providerOptions: { anthropic: { serviceTier: "auto" } } });
void llm().chat("", { providerOptions: { "a-provider-of-ours": { anything: 1 } } });
// @ts-expect-error: an option of the vendor has a type.
void llm().chat("", { providerOptions: { anthropic: { serviceTier: "fast" } } });
// @ts-expect-error: not an option of the vendor.
void llm().chat("", { providerOptions: { anthropic: { servicetier: "auto" } } });
// @ts-expect-error: a model is named by a string.
void llm().chat("", { model: 1 });
