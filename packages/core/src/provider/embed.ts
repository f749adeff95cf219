import type { Usage } from "../error.ts";
import { toCount } from "./usage.ts";
import type { EmbedCall } from "../model/embed.ts";

/** The whole contract for embeddings: pure mappers round one `send`. Client, Body and Reply are the vendor's types. */
export interface EmbedAdapter<Client = unknown, Body = unknown, Reply = unknown> {
  /** `send` leaves the body of a good response alone, so the SDK may have the real one and needs no empty stand-in. */
  untouched?: true;
  /** Pure. One batch: no more inputs than the wire takes. */
  toRequest(call: EmbedCall): Body;
  /** The SDK builds URL, auth and body and raises HTTP errors. What it returns is ignored: core's fetch kept the Response. */
  send(client: Client, body: Body): Promise<unknown>;
  /** Pure. Core checks that there is one vector for each input, and puts them in their order. */
  fromResponse(reply: Reply): EmbedAnswer;
}

/** What a vendor answered. Without vectors it is no answer: core asks `errorFacts` what it means. */
export interface EmbedAnswer {
  vectors: readonly EmbedVector[];
  model?: string | undefined;
  /** Absent where the vendor does not tell. */
  usage?: Usage | undefined;
  costUsd?: number | undefined;
}

/** `index`: which input it is of; absent on wires that answer in order. `values`: numbers, or base64 of little-endian 32-bit floats; core finds out which. */
export interface EmbedVector {
  index?: number | undefined;
  values: unknown;
}

/** What a call may use and an embedding model may lack: true, false, or absent for unknown. */
export type EmbedCapabilities = Partial<Record<EmbedFeature, boolean>>;
export type EmbedFeature = "dimensions" | "inputType" | "user";

/** A row of embedding models in a provider's `models.ts`, found as those of chat models are. */
export interface EmbedFamily {
  prefix: string;
  capabilities: EmbedCapabilities;
  /** In place of the wire's. */
  maxInputs?: number;
}

/** A wire to a vendor's embeddings: its limits and its mappers, which are only loaded by a call. */
export interface EmbedWire {
  /** `false` here overrules every model's row. */
  capabilities?: EmbedCapabilities;
  families?: readonly EmbedFamily[];
  /** Used where nobody names a model. */
  defaultModel?: string;
  /** Inputs that one request takes. Absent: no limit is known, all go in one. */
  maxInputs?: number;
  /** Tokens of all inputs of one request together. Core splits by an estimate that is rather too high. */
  maxTokens?: number;
  load(): Promise<EmbedAdapter>;
}

/** A caller's `inputType` in the vendor's words; any that is not ours is the vendor's already. */
export function toInputType(inputType: string, words: { query: string; document: string }): string {
  return inputType === "query" || inputType === "document" ? words[inputType] : inputType;
}

/** Counted input, where the vendor counts it. An embedding has no output. */
export function inputUsage(tokens: number | null | undefined): Usage | undefined {
  const counted = toCount(tokens);
  return counted === undefined ? undefined : { inputTokens: counted, totalTokens: counted };
}

/** An answer as several vendors give it: a list in `data`, each vector with its index, and the tokens of the prompt. */
export interface EmbedList {
  data?: { index?: number; embedding?: unknown }[] | null;
  model?: string;
  usage?: { prompt_tokens?: number; total_tokens?: number } | null;
}

/** Reads such an answer. A count that did not come stays absent. */
export function fromEmbedList({ data, model, usage }: EmbedList): EmbedAnswer {
  const inputTokens = toCount(usage?.prompt_tokens);
  const totalTokens = toCount(usage?.total_tokens);
  return {
    vectors: (data ?? []).map(({ index, embedding }) => ({ index, values: embedding })),
    model,
    usage: {
      ...(inputTokens !== undefined && { inputTokens }),
      ...(totalTokens !== undefined && { totalTokens }),
    },
  };
}
