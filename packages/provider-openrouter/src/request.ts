import { toMediaSource, type ChatCall, type FilePart, type Message, type ProviderMetadata } from "@plurivox/core/provider";

type Json = Record<string, unknown>;

/** Adds to a body of the chat wire what only OpenRouter takes. The body is new and nobody else's yet. */
export function withOwn(body: Json, call: ChatCall): Json {
  const messages = body["messages"] as Json[];
  // From the end, because an instruction may have been put in front.
  let end = messages.length;
  for (const message of call.messages.toReversed()) {
    const begin = end - countOf(message);
    decorate(messages.slice(begin, end), message);
    end = begin;
  }
  body["tool_choice"] = toolChoiceOf(call) ?? body["tool_choice"];
  body["cache_control"] = cacheControlOf(call.cache);
  return body;
}

/** A tool that OpenRouter runs is named by its type. */
function toolChoiceOf({ toolChoice, tools }: ChatCall): Json | undefined {
  if (typeof toolChoice !== "object") return undefined;
  const tool = tools.find(({ name }) => name === toolChoice.toolName);
  return tool?.type === "provider" ? { type: tool.name } : undefined;
}

/** Caches all that can be, where the model's host must be told to. */
function cacheControlOf(cache: ChatCall["cache"]): Json | undefined {
  if (cache === undefined || cache === "none") return undefined;
  return { type: "ephemeral", ttl: cache === "auto" ? undefined : cache.ttl };
}

/** How many of the wire's messages one of ours becomes. */
function countOf(message: Message): number {
  return message.role === "tool" ? message.content.filter(({ type }) => type === "tool-result").length : 1;
}

function decorate(params: Json[], message: Message): void {
  const { role, content } = message;
  if (role === "tool") {
    const results = message.content.filter((part) => part.type === "tool-result");
    for (const [at, part] of results.entries()) mark(params[at]!, [markOf(part)]);
    return;
  }
  const [param] = params as [Json];
  if (role === "assistant") addOwn(param, message.providerMetadata);
  if (typeof content === "string") return;
  if (role !== "assistant") return mark(param, content.map(markOf));
  mark(param, [content.map(markOf).findLast((found) => found !== undefined)]);
  const images = content.flatMap((part) => (part.type === "image" ? toImage(part) : []));
  if (images.length > 0) param["images"] = images;
}

/** Files that OpenRouter has read already need not be read and paid for again. */
function addOwn(param: Json, metadata: ProviderMetadata | undefined): void {
  const annotations = metadata?.["openrouter"]?.["annotations"];
  if (annotations !== undefined) param["annotations"] = annotations;
}

function markOf({ providerMetadata: metadata }: { providerMetadata?: ProviderMetadata }): unknown {
  return metadata?.["openrouter"]?.["cache_control"] ?? metadata?.["anthropic"]?.["cache_control"];
}

/** Puts cache marks on the parts of a message; a text must become a part for that. */
function mark(param: Json, marks: unknown[]): void {
  const { content } = param;
  if (!content || marks.every((one) => one === undefined)) return;
  const parts = typeof content === "string" ? [{ type: "text", text: content }] : (content as Json[]);
  param["content"] = parts.map((part, at) => (marks[at] === undefined ? part : { ...part, cache_control: marks[at] }));
}

/** A picture that the model made, as it came. */
function toImage(part: FilePart): Json[] {
  const { url, base64, mediaType } = toMediaSource(part);
  const address = url ?? (base64 === undefined ? undefined : `data:${mediaType};base64,${base64}`);
  return address === undefined ? [] : [{ type: "image_url", image_url: { url: address } }];
}
