import type { Message } from "plurivox";
import { callOf, functionCall, googleCall, list, object, textOf, word, type Call, type Form, type Json } from "./recorded-answers.ts";

/** What a request holds, in its order and in one form for all vendors. */
export type Item =
  | { kind: "said"; role: "system" | "user" | "assistant"; text: string }
  | ({ kind: "call" } & Call)
  | { kind: "result"; id?: string; name?: string; output: unknown; isError?: true };

export interface DeclaredTool {
  name: string;
  description?: string;
  schema?: Json;
  strict?: boolean;
}

/** A recorded or captured request, read without the code under test. */
export interface RequestRead {
  items: Item[];
  /** Those that the program runs. */
  tools: DeclaredTool[];
  /** Of the answer: "json", or its JSON Schema. */
  output?: "json" | { schema: Json; name?: string; strict?: boolean };
}

type Role = "system" | "user" | "assistant";

function roleOf(role: unknown): Role {
  return role === "assistant" || role === "model" ? "assistant" : role === "system" || role === "developer" ? "system" : "user";
}

function said(role: unknown, text: string): Item[] {
  return text === "" ? [] : [{ kind: "said", role: roleOf(role), text }];
}

function result(id: unknown, output: unknown, more: { name?: unknown; isError?: unknown } = {}): Item {
  return {
    kind: "result",
    ...(word(id) !== "" && { id: word(id) }),
    ...(word(more.name) !== "" && { name: word(more.name) }),
    output,
    ...(more.isError === true && { isError: true }),
  };
}

function called(calls: Call[]): Item[] {
  return calls.map((call) => ({ kind: "call", ...call }));
}

const ITEMS: Record<Form, (body: Json) => Item[]> = {
  chat: ({ messages }) =>
    list(messages).flatMap(({ role, content, tool_calls: calls, tool_call_id: id }) =>
      role === "tool" ? [result(id, outputOf(content))] : [...said(role, textOf(content)), ...called(list(calls).map(functionCall))],
    ),
  responses: ({ instructions, input }) => [
    ...said("system", word(instructions)),
    ...(typeof input === "string" ? said("user", input) : list(input).flatMap(responsesItem)),
  ],
  anthropic: ({ system, messages }) => [
    ...said("system", textOf(system)),
    ...list(messages).flatMap(({ role, content }) =>
      typeof content === "string" ? said(role, content) : list(content).flatMap((block) => anthropicBlock(role, block)),
    ),
  ],
  google: (body) => [
    ...said("system", textOf(list([body["systemInstruction"] ?? {}]).flatMap(({ parts }) => list(parts)))),
    ...list(body["contents"]).flatMap(({ role, parts }) =>
      (Array.isArray(parts) ? list(parts) : [object(parts)]).flatMap((part) => googlePart(role, part)),
    ),
  ],
  cohere: ({ messages }) =>
    list(messages).flatMap(({ role, content, tool_calls: calls, tool_call_id: id }) =>
      role === "tool" ? [result(id, cohereOutput(content))] : [...said(role, textOf(content)), ...called(list(calls).map(functionCall))],
    ),
  ollama: ({ messages }) =>
    list(messages).flatMap(({ role, content, tool_calls: calls, tool_name: name }) =>
      role === "tool" ? [result(undefined, content, { name })] : [...said(role, word(content)), ...called(list(calls).map(functionCall))],
    ),
};

/** What a tool returned: a text where it is nothing else, and otherwise its parts in our words. */
function outputOf(content: unknown): unknown {
  if (typeof content === "string") return content;
  const parts = list(content);
  return parts.every(({ text }) => typeof text === "string") ? textOf(parts) : parts.map(outputPart);
}

function outputPart(part: Json): Json {
  const source = object(part["source"]);
  if (word(source["data"]) !== "") return { type: "image", base64: source["data"], mediaType: source["media_type"] };
  const url = part["image_url"];
  if (url !== undefined) return { type: "image", url: typeof url === "string" ? url : object(url)["url"] };
  return { type: "text", text: textOf([part]) };
}

/** Documents are the vendor's own: a tool may return them as they are. */
function cohereOutput(content: unknown): unknown {
  return list(content).some(({ document }) => document !== undefined) ? content : outputOf(content);
}

function responsesItem(item: Json): Item[] {
  const { type = "message", role, content, call_id: id } = item;
  if (type === "message") return said(role, textOf(content));
  if (type === "function_call") return called([callOf(id, item["name"], item["arguments"])]);
  return type === "function_call_output" ? [result(id, outputOf(item["output"]))] : [];
}

function anthropicBlock(role: unknown, { type, text, id, name, input, tool_use_id: of, content, is_error: isError }: Json): Item[] {
  if (type === "text") return said(role, word(text));
  if (type === "tool_use") return called([callOf(id, name, input)]);
  return type === "tool_result" ? [result(of, outputOf(content), { isError })] : [];
}

/** Clients write the names of fields in either case. */
function googlePart(role: unknown, part: Json): Item[] {
  const call = part["functionCall"] ?? part["function_call"];
  const response = part["functionResponse"] ?? part["function_response"];
  if (call !== undefined && call !== null) return called([googleCall(object(call))]);
  if (response === undefined || response === null) return part["thought"] === true ? [] : said(role ?? "user", word(part["text"]));
  const { id, name, response: output } = object(response);
  return [result(id, output, { name })];
}

export function readRequest(value: unknown, form: Form): RequestRead {
  const body = object(value);
  return {
    items: ITEMS[form](body),
    tools: list(body["tools"]).flatMap((tool) => declared(tool, form)),
    ...outputIn(body, form),
  };
}

function declared(tool: Json, form: Form): DeclaredTool[] {
  if (form === "google") return list(tool["functionDeclarations"] ?? tool["function_declarations"]).map((one) => toDeclared(one, one));
  if (form === "anthropic") return tool["input_schema"] === undefined ? [] : [toDeclared(tool, { parameters: tool["input_schema"] })];
  if (form === "responses") return tool["type"] === "function" ? [toDeclared(tool, tool)] : [];
  const fn = object(tool["function"]);
  return word(fn["name"]) === "" ? [] : [toDeclared(fn, fn)];
}

function toDeclared({ name, description, strict }: Json, schemas: Json): DeclaredTool {
  const schema = schemas["parametersJsonSchema"] ?? schemas["parameters"];
  return {
    name: word(name),
    ...(word(description) !== "" && { description: word(description) }),
    ...(typeof schema === "object" && schema !== null && Object.keys(schema).length > 0 && { schema: lowered(schema) as Json }),
    ...(typeof strict === "boolean" && { strict }),
  };
}

function outputIn(body: Json, form: Form): Pick<RequestRead, "output"> {
  const format = formatIn(body, form);
  if (format === undefined || format === null || format === "") return {};
  if (format === "json") return { output: "json" };
  const { type, json_schema: inner, name, strict, schema: plain } = object(format);
  const schema = object(inner)["schema"] ?? plain ?? (form === "ollama" || form === "google" ? format : object(format)["json_schema"]);
  const asked = inner ?? schema;
  if (asked === undefined) return type === "json_object" ? { output: "json" } : {};
  const { name: called_, strict: strictly } = object(inner);
  const given = word(called_ ?? name);
  const isStrict = strictly ?? strict;
  return {
    output: {
      schema: lowered(schema) as Json,
      ...(given !== "" && { name: given }),
      ...(typeof isStrict === "boolean" && { strict: isStrict }),
    },
  };
}

function formatIn(body: Json, form: Form): unknown {
  if (form === "responses") return object(body["text"])["format"];
  if (form === "anthropic") return object(body["output_config"])["format"] ?? body["output_format"];
  if (form === "ollama") return body["format"];
  if (form !== "google") return body["response_format"];
  const config = object(body["generationConfig"] ?? body["generation_config"]);
  const mime = config["responseMimeType"] ?? config["response_mime_type"];
  return config["responseJsonSchema"] ?? config["responseSchema"] ?? (mime === "application/json" ? "json" : undefined);
}

/** Google's older schemas write types in capitals. */
function lowered(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(lowered);
  if (typeof schema !== "object" || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([name, value]) => [
      name,
      name === "type" && typeof value === "string" ? value.toLowerCase() : lowered(value),
    ]),
  );
}

/** The items as our messages, results named by their calls. Calls without an id get one by their position. */
export function toMessages(items: readonly Item[]): Message[] {
  const messages: { role: Message["role"]; content: unknown[] }[] = [];
  const open: { id: string; name: string }[] = [];
  const add = (role: Message["role"], part: unknown) => {
    const last = messages.at(-1);
    if (last?.role === role && role !== "user") last.content.push(part);
    else messages.push({ role, content: [part] });
  };
  items.forEach((item, at) => {
    if (item.kind === "said") add(item.role, { type: "text", text: item.text });
    else if (item.kind === "call") {
      const id = item.id ?? `call_${at}`;
      open.push({ id, name: item.name });
      add("assistant", { type: "tool-call", toolCallId: id, toolName: item.name, input: item.input });
    } else {
      const found = open.findIndex(({ id, name }) =>
        item.id === undefined ? item.name === undefined || name === item.name : id === item.id,
      );
      const [call] = found < 0 ? [] : open.splice(found, 1);
      const { output, isError } = item;
      add("tool", {
        type: "tool-result",
        toolCallId: call?.id ?? item.id,
        toolName: call?.name ?? "",
        output,
        ...(isError && { isError }),
      });
    }
  });
  return messages as Message[];
}
