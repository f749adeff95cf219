import type { Recording } from "./recordings.ts";

export type Json = Record<string, unknown>;

/** The forms in which vendors write a chat. */
export type Form = "chat" | "responses" | "anthropic" | "google" | "cohere" | "ollama";

/** A call of a tool that the program runs. Some vendors give it no id. */
export interface Call {
  id?: string;
  name: string;
  input: unknown;
}

/** A recorded answer, read without the code under test. `end`: how the vendor says that it ended. */
export interface RecordedAnswer {
  text: string;
  calls: Call[];
  end: string;
}

export const list = (value: unknown): Json[] => (Array.isArray(value) ? (value as Json[]) : []);
export const object = (value: unknown): Json => (value ?? {}) as Json;
export const word = (value: unknown): string => (typeof value === "string" ? value : "");

/** Arguments as data; a text that is no JSON stays one, and none at all are an empty object. */
function parsed(value: unknown): unknown {
  if (typeof value !== "string") return value ?? {};
  try {
    return value === "" ? {} : ((JSON.parse(value) as unknown) ?? {});
  } catch {
    return value;
  }
}

export function callOf(id: unknown, name: unknown, input: unknown): Call {
  return { ...(word(id) !== "" && { id: word(id) }), name: word(name), input: parsed(input) };
}

export function formOf({ provider, request }: Recording): Form {
  if (new URL(request.url).pathname.endsWith("/responses")) return "responses";
  return provider === "anthropic" || provider === "google" || provider === "cohere" || provider === "ollama" ? provider : "chat";
}

/** The payloads of a response: the one body, or what its events or lines hold. */
function payloads({ response, streaming }: Recording, form: Form): Json[] {
  if (!streaming) return [JSON.parse(response.body) as Json];
  const lines = response.body.split(/\r?\n/);
  const texts = form === "ollama" ? lines : lines.filter((line) => line.startsWith("data:")).map((line) => line.slice(5));
  return texts.filter((text) => !["", "[DONE]"].includes(text.trim())).map((text) => JSON.parse(text) as Json);
}

export function answerOf(recording: Recording): RecordedAnswer {
  const form = formOf(recording);
  return READERS[form](payloads(recording, form), recording.streaming);
}

const READERS: Record<Form, (all: Json[], streamed: boolean) => RecordedAnswer> = {
  chat(all, streamed) {
    const choices = all.flatMap(({ choices: some }) => list(some)).filter(({ index }) => !index);
    const pieces = choices.map((choice) => object(streamed ? choice["delta"] : choice["message"]));
    const calls: { id: string; index: unknown; name: string; input: string }[] = [];
    for (const { id, index, function: fn } of pieces.flatMap((piece) => list(piece["tool_calls"]))) {
      const same = (other: (typeof calls)[number]) =>
        (word(id) === "" || other.id === id) && (index === undefined || other.index === index);
      let call = calls.findLast(same);
      if (call === undefined) calls.push((call = { id: word(id), index, name: "", input: "" }));
      call.name ||= word(object(fn)["name"]);
      call.input += word(object(fn)["arguments"]);
    }
    return {
      text: pieces.map(({ content }) => textOf(content)).join(""),
      calls: calls.map(({ id, name, input }) => callOf(id, name, input)),
      end: String(choices.map((choice) => choice["finish_reason"]).findLast((reason) => word(reason) !== "")),
    };
  },
  responses(all) {
    const last = object(all.map(({ response }) => response).findLast((one) => one !== undefined) ?? all[0]);
    const done = all.filter(({ type }) => type === "response.output_item.done").map(({ item }) => object(item));
    const items = done.length > 0 ? done : list(last["output"]);
    const ofType = (wanted: string) => items.filter(({ type }) => type === wanted);
    return {
      text: ofType("message")
        .flatMap(({ content }) => list(content))
        .map(({ text }) => word(text))
        .join(""),
      calls: ofType("function_call").map((item) => callOf(item["call_id"], item["name"], item["arguments"])),
      end: String(last["status"]),
    };
  },
  anthropic(all) {
    if (all[0]!["type"] === "message") return anthropicAnswer(list(all[0]!["content"]), all[0]!["stop_reason"]);
    const blocks: Json[] = [];
    for (const { type, index, content_block: block, delta } of all) {
      const at = blocks[index as number];
      if (type === "content_block_start") blocks[index as number] = { ...object(block), json: "" };
      if (type !== "content_block_delta" || at === undefined) continue;
      at["text"] = word(at["text"]) + word(object(delta)["text"]);
      at["json"] = word(at["json"]) + word(object(delta)["partial_json"]);
    }
    const reason = all.map(({ delta }) => object(delta)["stop_reason"]).findLast((one) => word(one) !== "");
    return anthropicAnswer(
      blocks.map((block) => (block["json"] === "" ? block : { ...block, input: block["json"] })),
      reason,
    );
  },
  google(all) {
    const candidates = all.flatMap((one) => list(one["candidates"])).filter(({ index }) => !index);
    const parts = candidates.flatMap(({ content }) => list(object(content)["parts"]));
    return {
      text: parts.map((part) => (part["thought"] === true ? "" : word(part["text"]))).join(""),
      calls: parts.flatMap(({ functionCall: call }) => (call === undefined ? [] : [googleCall(object(call))])),
      end: String(candidates.at(-1)?.["finishReason"]),
    };
  },
  cohere(all) {
    const whole = all[0]!["message"];
    if (whole !== undefined) {
      const { content, tool_calls: calls } = object(whole);
      return { text: textOf(content), calls: list(calls).map(functionCall), end: String(all[0]!["finish_reason"]) };
    }
    const said = (wanted: string) => all.filter(({ type }) => type === wanted).map((one) => [one["index"], messageIn(one)] as const);
    const texts = [...said("content-start"), ...said("content-delta")].map(([, { content }]) => word(object(content)["text"]));
    const more = said("tool-call-delta");
    const calls = said("tool-call-start").map(([index, { tool_calls: call }]) => {
      const { id, function: fn } = object(call);
      const rest = more.filter(([at]) => at === index).map(([, { tool_calls: piece }]) => object(object(piece)["function"])["arguments"]);
      return callOf(id, object(fn)["name"], word(object(fn)["arguments"]) + rest.join(""));
    });
    const end = all.find(({ type }) => type === "message-end");
    return { text: texts.join(""), calls, end: String(object(end?.["delta"])["finish_reason"]) };
  },
  ollama(all) {
    const messages = all.map(({ message }) => object(message));
    return {
      text: messages.map(({ content }) => word(content)).join(""),
      calls: messages.flatMap(({ tool_calls: calls }) => list(calls)).map(functionCall),
      end: String(all.at(-1)!["done_reason"]),
    };
  },
};

function messageIn({ delta }: Json): Json {
  return object(object(delta)["message"]);
}

/** A text, or the texts of a list of parts. One host has data where others have its JSON. */
export function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (typeof content === "object" && content !== null && !Array.isArray(content)) return JSON.stringify(content);
  const texts = list(content).map(({ text }) => word(text));
  return texts.join("");
}

export function functionCall({ id, function: fn }: Json): Call {
  return callOf(id, object(fn)["name"], object(fn)["arguments"]);
}

export function googleCall({ id, name, args }: Json): Call {
  return callOf(id, name, args);
}

function anthropicAnswer(blocks: Json[], reason: unknown): RecordedAnswer {
  const said = blocks.filter(({ type }) => type === "text").map(({ text }) => word(text));
  const calls = blocks.filter(({ type }) => type === "tool_use").map(({ id, name, input }) => callOf(id, name, input));
  return { text: said.join(""), calls, end: String(reason) };
}
