import {
  defineEmbed,
  fromEmbedList,
  toInputType,
  type EmbedAdapter,
  type EmbedAnswer,
  type EmbedCall,
  type EmbedList,
  type EmbedWire,
} from "@plurivox/core/provider";
import { applyOptions } from "./options.ts";

/** How a host takes requests for embeddings, as data. By default its wire has no word for `inputType`, and takes 2,048 inputs at once. */
export interface EmbedCompat extends Omit<EmbedWire, "load"> {
  /** How vectors are asked for; either is read. Default "float", because not every server has base64, which is shorter and read faster. */
  encoding?: "float" | "base64";
  /** The host's words in the field `input_type`, and which of ours it gets where nobody says. Default: there is no such field. */
  inputTypes?: { query: string; document: string; otherwise?: "query" | "document" };
  /** The field of the usage in which the host tells what the request cost, in US dollars. */
  costField?: string;
  /** Options that only this host has, and where each goes in the body. */
  options?: Readonly<Record<string, string>>;
  /** Fields of every request, under everything that the call says. */
  body?: Readonly<Record<string, unknown>>;
}

/** The body of POST /embeddings. */
interface EmbedRequest {
  model: string;
  input: string[];
  encoding_format: "float" | "base64";
  dimensions?: number;
  user?: string;
  input_type?: string;
}

function toRequest(call: EmbedCall, compat: EmbedCompat): EmbedRequest {
  const { model, deployment, inputs, dimensions, user } = call;
  const { inputTypes: words, encoding = "float" } = compat;
  const inputType = call.inputType ?? words?.otherwise;
  const body = {
    ...compat.body,
    model: deployment ?? model,
    input: [...inputs],
    encoding_format: encoding,
    ...(dimensions !== undefined && { dimensions }),
    ...(user !== undefined && { user }),
    ...(inputType !== undefined && words !== undefined && { input_type: toInputType(inputType, words) }),
  };
  applyOptions(body, call.providerOptions, compat.options ?? {});
  return body;
}

function fromResponse(reply: EmbedList, { costField }: EmbedCompat): EmbedAnswer {
  const cost = costField === undefined ? undefined : (reply.usage as Record<string, unknown> | null | undefined)?.[costField];
  return { ...fromEmbedList(reply), ...(typeof cost === "number" && { costUsd: cost }) };
}

export function toEmbedAdapter<Client>(compat: EmbedCompat, send: (client: Client, body: EmbedRequest) => Promise<unknown>): EmbedAdapter {
  return defineEmbed({
    untouched: true,
    toRequest: (call) => toRequest(call, compat),
    send,
    fromResponse: (reply: EmbedList) => fromResponse(reply, compat),
  });
}
