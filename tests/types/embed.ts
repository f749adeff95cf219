// One text gives one vector, a list gives a list; ids of embedding models autocomplete.
import {
  llm,
  type EmbeddingSettings,
  type EmbedManyResult,
  type EmbedModelId,
  type EmbedOptions,
  type EmbedResult,
  type KnownEmbedModels,
  type ProfileSettings,
} from "plurivox";
import type { OpenAiEmbedModel } from "@plurivox/provider-openai";
import { is, type AnyIn, type Assignable, type Same } from "./assert.ts";

const client = llm();
const one = client.embed("text");
const many = client.embed(["a", "b"]);
const listed = ["a", "b"] as const;
const frozen = client.embed(listed);
declare const either: string | string[];
const unknown = client.embed(either);
is<Same<typeof one, Promise<EmbedResult>>>();
is<Same<typeof many, Promise<EmbedManyResult>>>();
is<Same<typeof frozen, Promise<EmbedManyResult>>>();
is<Same<typeof unknown, Promise<EmbedResult | EmbedManyResult>>>();
is<Same<EmbedResult["embedding"], number[]>>();
is<Same<EmbedManyResult["embeddings"], number[][]>>();
is<Same<AnyIn<EmbedResult & EmbedManyResult & EmbedOptions & EmbeddingSettings>, never>>();

is<Same<KnownEmbedModels["openai"], OpenAiEmbedModel>>();
is<Same<Assignable<string, OpenAiEmbedModel>, false>>();
is<
  Same<
    Extract<EmbedModelId, "openai/text-embedding-3-large" | "cohere/embed-v4.0" | "openai/gpt-6-luna">,
    "openai/text-embedding-3-large" | "cohere/embed-v4.0"
  >
>();
is<Same<EmbedOptions["model"], EmbedModelId | undefined>>();
is<Same<ProfileSettings["embedModel"], EmbedModelId | undefined>>();
is<Assignable<"a-provider-of-ours/model", EmbedModelId>>();

void client.embed("text", { inputType: "query", dimensions: 256, providerOptions: { cohere: { truncate: "END" } } });
void client.embed("text", { inputType: "CLASSIFICATION" });
void client.with({ embedding: "openai/text-embedding-3-small" });
void client.with({ embedding: { provider: "ollama", model: "nomic-embed-text", baseURL: "http://127.0.0.1:11434", dimensions: 256 } });
// @ts-expect-error: not an option of embeddings.
void client.embed("text", { temperature: 1 });
// @ts-expect-error: an option of the vendor has a type.
void client.embed("text", { providerOptions: { cohere: { truncate: "MIDDLE" } } });
// @ts-expect-error: a text or a list of them.
void client.embed(1);
