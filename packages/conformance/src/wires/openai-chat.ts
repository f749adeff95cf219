import { openaiEmbeddings } from "./embeds.ts";
import type { Usage } from "@plurivox/core/provider";
import type { ReceivedRequest } from "../loopback.ts";
import type { Answer, AnswerCall, Frame, ReceivedCall, ReceivedItem, Wire } from "../wire.ts";
import { openaiChatHabits } from "./openai-chat-habits.ts";
import { openaiError, openaiErrors } from "./openai-errors.ts";
import { cut, fileOf, interleave, known, listOf, objectOf, parsed, partsOf, roleOf, sse, textOf, type Json } from "./shared.ts";

const CREATED = 1_790_000_000;

/** OpenAI's Chat Completions, as OpenAI and most servers that are compatible with it speak it. https://platform.openai.com/docs/api-reference/chat */
export const openaiChat: Wire = {
  name: "openai-chat",
  framing: "sse",
  path: /\/chat\/completions(\?|$)/,
  embed: openaiEmbeddings,
  requestIdHeader: "x-request-id",
  counts: ["inputTokens", "outputTokens", "totalTokens", "cacheReadTokens", "reasoningTokens"],
  finishes: [
    { raw: "stop", means: "stop" },
    { raw: "length", means: "length" },
    { raw: "content_filter", means: "content-filter" },
    { raw: "tool_calls", means: "tool-calls" },
  ],
  toolCallId: /^.{1,40}$/s,
  inputIsText: true,
  noise: [
    ": keep-alive\n\n",
    // Azure begins with one that is about its content filter.
    sse({
      id: "",
      object: "",
      created: 0,
      model: "",
      choices: [],
      prompt_filter_results: [{ prompt_index: 0, content_filter_results: {} }],
    }),
    sse({ object: "chat.made_up", made_up: { choices: "none" } }, "made_up"),
  ],
  habits: openaiChatHabits,
  cannot: {
    "reasoning-round-trip": "this wire hands out no reasoning that a vendor wants back",
    "reasoning-redacted": "this wire hands out no reasoning that a vendor wants back",
  },
  stream,
  whole,
  read,
  error: openaiError,
  errors: openaiErrors,
  streamErrors: (message) => [
    { what: "a server error", kind: "server", frame: sse({ error: { message, type: "server_error", param: null, code: null } }) },
    {
      what: "a rate limit",
      kind: "rate-limit",
      frame: sse({ error: { message, type: "requests", param: null, code: "rate_limit_exceeded" } }),
    },
  ],
};

function stream(answer: Answer, to?: ReceivedCall): Frame[] {
  const { pieceLength, usageAt = "once" } = answer;
  const told = to === undefined || to.usage === true ? answer.usage : undefined;
  let grown = 0;
  const chunk = (delta: Json, finish: string | null = null, index = 0): string => {
    grown++;
    const every = usageAt === "every" && told !== undefined ? { usage: toUsage(growing(told, finish === null ? grown : undefined)) } : {};
    return sse({
      ...head(answer, "chat.completion.chunk"),
      choices: [{ index, delta, logprobs: null, finish_reason: finish }],
      ...every,
    });
  };
  const content = (delta: Json, index = 0): Frame => ({ part: "content", text: chunk(delta, null, index) });
  const texts = [answer.text ?? "", ...(answer.others ?? [])];
  const calls = (answer.toolCalls ?? []).map((call, index) => toolDeltas(call, index, pieceLength).map((delta) => content(delta)));
  return [
    ...texts.map((_, index): Frame => ({ part: "head", text: chunk({ role: "assistant", content: "", refusal: null }, null, index) })),
    ...cut(answer.reasoning?.text ?? "", pieceLength).map((piece) => content({ reasoning_content: piece })),
    ...interleave(texts.map((text, index) => cut(text, pieceLength).map((piece) => content({ content: piece }, index)))),
    ...cut(answer.refusal ?? "", pieceLength).map((piece) => content({ refusal: piece })),
    ...(answer.interleaved ? interleave(calls) : calls.flat()),
    ...texts.map((_, index): Frame => ({ part: "finish", text: chunk({}, finishOf(answer), index) })),
    ...usageFrames(answer, usageAt === "every" ? undefined : told),
    { part: "end", text: sse("[DONE]") },
  ];
}

function usageFrames(answer: Answer, usage: Usage | undefined): Frame[] {
  if (usage === undefined) return [];
  return [{ part: "usage", text: sse({ ...head(answer, "chat.completion.chunk"), choices: [], usage: toUsage(usage) }) }];
}

/** Some servers count as they go. */
function growing(usage: Usage, step: number | undefined): Usage {
  return step === undefined ? usage : known({ ...usage, outputTokens: step, totalTokens: undefined, reasoningTokens: undefined });
}

function toolDeltas({ id, name, input }: AnswerCall, index: number, pieceLength: number | undefined): Json[] {
  return [
    { tool_calls: [{ index, id, type: "function", function: { name, arguments: "" } }] },
    ...cut(input, pieceLength).map((piece) => ({ tool_calls: [{ index, function: { arguments: piece } }] })),
  ];
}

function whole(answer: Answer): string {
  const calls = answer.toolCalls?.map(({ id, name, input }) => ({ id, type: "function", function: { name, arguments: input } }));
  const message = known({
    role: "assistant",
    content: answer.text ?? null,
    refusal: answer.refusal ?? null,
    reasoning_content: answer.reasoning?.text,
    tool_calls: calls,
  });
  const others = (answer.others ?? []).map((content) => ({ role: "assistant", content, refusal: null }));
  return JSON.stringify({
    ...head(answer, "chat.completion"),
    choices: [message, ...others].map((said, index) => ({ index, message: said, logprobs: null, finish_reason: finishOf(answer) })),
    ...(answer.usage !== undefined && { usage: toUsage(answer.usage) }),
  });
}

function head({ bare, id = "chatcmpl-kit", model = "kit-model" }: Answer, object: string): Json {
  return bare ? {} : { id, object, created: CREATED, model, service_tier: "default", system_fingerprint: null };
}

function finishOf({ finish, toolCalls }: Answer): string {
  return finish ?? (toolCalls === undefined ? "stop" : "tool_calls");
}

function toUsage(usage: Usage): Json {
  return known({
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.totalTokens,
    prompt_tokens_details: usage.cacheReadTokens === undefined ? undefined : { cached_tokens: usage.cacheReadTokens },
    completion_tokens_details: usage.reasoningTokens === undefined ? undefined : { reasoning_tokens: usage.reasoningTokens },
  });
}

function read({ body }: ReceivedRequest): ReceivedCall {
  const request = objectOf(body, "the request");
  const system: string[] = [];
  const items = listOf(request["messages"], "messages").flatMap((message) => readMessage(message, system));
  const format = request["response_format"] === undefined ? undefined : objectOf(request["response_format"], "response_format");
  return known<ReceivedCall>({
    model: String(request["model"]),
    stream: request["stream"] === true,
    system: system.join("\n"),
    items,
    tools: listOf(request["tools"], "tools").map((tool) => {
      const { name, description, parameters } = objectOf(tool["function"], "tools[].function");
      return known({ name: String(name), description: description as string | undefined, schema: objectOf(parameters, "parameters") });
    }),
    toolChoice: readChoice(request["tool_choice"]),
    parallelToolCalls: request["parallel_tool_calls"] as boolean | undefined,
    output: format && readFormat(format),
    // The last one is how NIM, SGLang and llama.cpp are asked.
    reasoning: ["reasoning_effort", "reasoning", "chat_template_kwargs"].some((field) => request[field] !== undefined),
    usage: (request["stream_options"] as Json | undefined)?.["include_usage"] === true,
    settings: {
      temperature: request["temperature"],
      topP: request["top_p"],
      topK: request["top_k"],
      maxOutputTokens: request["max_completion_tokens"] ?? request["max_tokens"],
      stopSequences: request["stop"],
      seed: request["seed"],
      presencePenalty: request["presence_penalty"],
      frequencyPenalty: request["frequency_penalty"],
      user: request["user"] ?? request["safety_identifier"],
    },
  });
}

function readFormat(format: Json): ReceivedCall["output"] {
  if (format["type"] === "text") return undefined;
  if (format["type"] === "json_object") return {};
  return { schema: objectOf(objectOf(format["json_schema"], "json_schema")["schema"], "json_schema.schema") };
}

function readChoice(choice: unknown): ReceivedCall["toolChoice"] {
  if (choice === undefined || typeof choice === "string") return choice as ReceivedCall["toolChoice"];
  return { toolName: String(objectOf(objectOf(choice, "tool_choice")["function"], "tool_choice.function")["name"]) };
}

function readMessage(message: Json, system: string[]): ReceivedItem[] {
  const { role, content } = message;
  if (role === "system" || role === "developer") {
    system.push(textOf(content));
    return [];
  }
  if (role === "tool") return [{ type: "tool-result", id: String(message["tool_call_id"]), text: textOf(content) }];
  const said = partsOf(content, "text", "content").map((part) => readPart(part, roleOf(role)));
  const reasoning = message["reasoning_content"];
  return [
    ...(typeof reasoning === "string" ? [{ type: "reasoning" as const, text: reasoning }] : []),
    ...said,
    ...(typeof message["refusal"] === "string" ? [{ type: "text" as const, role: roleOf(role), text: message["refusal"] }] : []),
    ...listOf(message["tool_calls"], "tool_calls").map((call) => {
      const { name, arguments: input } = objectOf(call["function"], "tool_calls[].function");
      return { type: "tool-call" as const, id: String(call["id"]), name: String(name), input: parsed(input) };
    }),
  ];
}

function readPart(part: Json, role: "user" | "assistant"): ReceivedItem {
  switch (part["type"]) {
    case "text":
    case "refusal":
      return { type: "text", role, text: String(part["text"] ?? part["refusal"]) };
    case "image_url":
      return { type: "image", role, ...fileOf(String(objectOf(part["image_url"], "image_url")["url"])) };
    case "file": {
      const { file_data: data, filename } = objectOf(part["file"], "file");
      return known({ type: "document" as const, role, ...fileOf(String(data)), filename: filename as string | undefined });
    }
    case "input_audio": {
      const { data, format } = objectOf(part["input_audio"], "input_audio");
      return { type: "audio", role, base64: String(data), mediaType: `audio/${String(format)}` };
    }
    default:
      throw new TypeError(`There is no content of type ${JSON.stringify(part["type"])} on this wire`);
  }
}
