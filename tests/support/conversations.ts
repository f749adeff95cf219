import { startLoopback, type Answer, type AnswerReasoning, type Loopback, type ReceivedRequest } from "@plurivox/conformance";
import { createContext, type CallOptions, type ChatResult, type FunctionTool, type LLM, type Message } from "plurivox";
import type { Place } from "./providers.ts";

type Json = Record<string, unknown>;

/** In everything that only the vendor that wrote it may read again: signatures, encrypted content, ids of items, thoughts, what its own tools did. */
export const CANARY: RegExp = /CANARY|THOUGHT/;

export const SYSTEM = "Be brief.";
export const QUESTION = "Weather and time in Zürich?";
export const FOLLOW_UP = "And tomorrow?";
/** What the model says beside its calls, and after their results. */
export const SAID = ["I will look both up.", "It is clear, and the clock is broken."];
export const NAMES = ["get_weather", "get_time"];
export const INPUTS = [{ city: "Zürich", days: 2 }, { city: "Zürich" }];
export const OUTPUTS = [{ sky: "clear", warm: true }, "the clock is broken"];

const SIGNED: AnswerReasoning = { text: "THOUGHT: first the weather.", signature: "EuYBCANARYsignatureOne/+A==" };
const REDACTED: AnswerReasoning = { text: "", signature: "EuYBCANARYsignatureTwo/+A==", redacted: true };
export const SIGNATURES = [SIGNED.signature, REDACTED.signature];

const TOOLS: CallOptions = {
  system: SYSTEM,
  tools: NAMES.map((name): FunctionTool => ({
    type: "function",
    function: {
      name,
      description: `Tells ${name}`,
      parameters: { type: "object", properties: { city: { type: "string" }, days: { type: "integer" } }, required: ["city"] },
    },
  })),
};

/** Ids of tool calls as each provider, or a model that it hosts, makes them. */
export const CALL_IDS: Readonly<Record<string, readonly [string, string]>> = {
  "openai (responses)": ["call_08f3cbe2b1f94a5c9d27d1e6a4b8c3f5a0b1c2d3e4f5a6b7", "call_18f3cbe2b1f94a5c9d27d1e6a4b8c3f5a0b1c2d3e4f5a6b7"],
  "openai (chat)": ["call_abc123DEF456ghi789JKL012", "call_bbc123DEF456ghi789JKL012"],
  "openai-compatible": ["functions.get_weather:0", "functions.get_time:1"],
  "azure (responses)": ["call_hPqLr4vGmXzT8sYw", "call_iPqLr4vGmXzT8sYw"],
  "azure (chat)": ["call_5tXw9QmZ2rVb7KpLs0Nd", "call_6tXw9QmZ2rVb7KpLs0Nd"],
  anthropic: ["toolu_01A09q90qw90lq917835lq9", "toolu_02A09q90qw90lq917835lq9"],
  google: ["function-call-7309231904851839231", "function-call-8309231904851839231"],
  mistral: ["D681PevKs", "E681PevKs"],
  cohere: ["get_weather_z6y8kq0v4a1r", "get_time_0m3s9x7c2b5n"],
  groq: ["fc_8d9f7a1c-2b3e-4c5d-9e6f-708192a3b4c5", "fc_9d9f7a1c-2b3e-4c5d-9e6f-708192a3b4c5"],
  ollama: ["call_8mkx9w0h", "call_9mkx9w0h"],
  openrouter: ["tool_0_get_weather", "tool:1/get time"],
  lmstudio: ["365174485", "465174485"],
  "nvidia-nim": ["chatcmpl-tool-8f1c2d3e4b5a69788f1c2d3e4b5a6978", "chatcmpl-tool-9f1c2d3e4b5a69788f1c2d3e4b5a6978"],
};

/** What the vendor adds of its own to the first answer, and which canaries of it it wants back. */
interface Extras {
  add(reply: Json): void;
  wants: readonly string[];
}

const SOURCE = { url: "https://example.com/weather", title: "Weather" };
const listOf = (value: unknown): Json[] => value as Json[];
const afterFirst = (list: Json[], ...items: Json[]): void => void list.splice(1, 0, ...items);
const messageOf = (reply: Json): Json => listOf(reply["choices"])[0]!["message"] as Json;

const CITED: Extras = {
  add: (reply) => {
    messageOf(reply)["annotations"] = [{ type: "url_citation", url_citation: { ...SOURCE, start_index: 0, end_index: 4 } }];
  },
  wants: [],
};

/** By the wire's name. */
const EXTRAS: Readonly<Record<string, Extras>> = {
  "openai-chat": CITED,
  "openrouter-chat": CITED,
  "openai-responses": {
    add({ output }) {
      const items = listOf(output);
      const sources = [{ type: "url", url: SOURCE.url }];
      afterFirst(items, { id: "ws_CANARY", type: "web_search_call", status: "completed", action: { type: "search", query: "q", sources } });
      const message = items.find(({ type }) => type === "message")!;
      listOf(message["content"])[0]!["annotations"] = [{ type: "url_citation", ...SOURCE, start_index: 0, end_index: 4 }];
    },
    wants: ["ws_CANARY"],
  },
  anthropic: {
    add({ content }) {
      const blocks = listOf(content);
      const found = { type: "web_search_result", ...SOURCE, encrypted_content: "EqCANARYpage==", page_age: null };
      afterFirst(
        blocks,
        { type: "server_tool_use", id: "srvtoolu_CANARY", name: "web_search", input: { query: "q" }, caller: { type: "direct" } },
        { type: "web_search_tool_result", tool_use_id: "srvtoolu_CANARY", content: [found], caller: { type: "direct" } },
      );
      const text = blocks.find(({ type }) => type === "text")!;
      text["citations"] = [{ type: "web_search_result_location", ...SOURCE, encrypted_index: "EoCANARYindex==", cited_text: "clear" }];
    },
    wants: ["srvtoolu_CANARY", "EqCANARYpage==", "EoCANARYindex=="],
  },
  google: {
    add({ candidates }) {
      const [candidate] = listOf(candidates);
      const parts = listOf((candidate!["content"] as Json)["parts"]);
      const call = parts.find((part) => part["functionCall"] !== undefined)!;
      call["thoughtSignature"] = "CnkCANARYcall==";
      const text = parts.find((part) => part["thought"] === undefined && part["text"] !== undefined)!;
      text["thoughtSignature"] = "CnkCANARYtext==";
      afterFirst(
        parts,
        { executableCode: { language: "PYTHON", code: "print('CANARY')" } },
        { codeExecutionResult: { outcome: "OUTCOME_OK", output: "CANARY\n" } },
      );
      candidate!["groundingMetadata"] = {
        groundingChunks: [{ web: { uri: SOURCE.url, title: SOURCE.title } }],
        webSearchQueries: ["CANARY"],
      };
    },
    wants: ["CnkCANARYcall==", "CnkCANARYtext==", "print('CANARY')"],
  },
  mistral: {
    add(reply) {
      const [choice] = listOf(reply["choices"]);
      const message = messageOf(reply);
      listOf(message["content"]).push({ type: "reference", reference_ids: ["CANARYreference"] });
      const call = { id: "CANARYrun", type: "function", function: { name: "web_search", arguments: "{}" } };
      choice!["messages"] = [
        { role: "assistant", content: "", tool_calls: [call] },
        { role: "tool", tool_call_id: "CANARYrun", content: "CANARY" },
        message,
      ];
      delete choice!["message"];
    },
    wants: ["CANARYreference"],
  },
  cohere: {
    add(reply) {
      const message = reply["message"] as Json;
      message["tool_plan"] = "THOUGHT: a plan.";
      const document = { title: SOURCE.title, snippet: "clear" };
      message["citations"] = [{ start: 0, end: 4, text: "I wi", sources: [{ type: "document", id: "CANARYdocument", document }] }];
    },
    wants: ["THOUGHT: a plan."],
  },
  "groq-chat": {
    add(reply) {
      const found = { results: [{ url: SOURCE.url, title: SOURCE.title, content: "clear", score: 0.9 }] };
      const ran = { index: 0, type: "browser_search", arguments: '{"query":"CANARY"}', output: "CANARY", search_results: found };
      messageOf(reply)["executed_tools"] = [ran];
    },
    // What Groq's own tools did cannot be sent back.
    wants: [],
  },
};

/** Wires on which a vendor takes back what it signed. */
export function wantsSignatures({ wire, provider }: Place): boolean {
  return !wire.lacks?.includes("signature") && (wire.cannot["reasoning-round-trip"] === undefined || provider.id === "openrouter");
}

/** What of the first answer its vendor wants back unchanged. */
export function wantedBack({ wire }: Place): readonly string[] {
  return EXTRAS[wire.name]?.wants ?? [];
}

/** A server that speaks the wire of a place, and a client of it. */
export interface Stand {
  place: Place;
  llm: LLM;
  /** Calls alone, without what a provider asks beside them. */
  requests: ReceivedRequest[];
  server: Loopback;
  /** What is answered next; after that, a greeting. */
  answers: { answer: Answer; rich?: boolean }[];
}

export async function startStand(place: Place): Promise<Stand> {
  const { wire, provider, model, api } = place;
  const requests: ReceivedRequest[] = [];
  const answers: Stand["answers"] = [];
  const server = await startLoopback((request, response) => {
    if (!wire.path.test(request.path))
      return void response.writeHead(404, { "content-type": "application/json" }).end(wire.error(404, "?"));
    requests.push(request);
    const { answer, rich } = answers.shift() ?? { answer: { text: "Hello." } };
    const stream = /"stream":true|streamGenerateContent/.test(JSON.stringify(request));
    response.setHeader(
      "content-type",
      !stream ? "application/json" : wire.framing === "sse" ? "text/event-stream" : "application/x-ndjson",
    );
    const reply = stream ? wire.stream(answer).map(({ text }) => text) : [wire.whole(answer)];
    response.end(rich ? enriched(place, reply.join("")) : reply.join(""));
  });
  const { llm } = createContext({
    providers: [provider],
    profiles: { default: { provider: provider.id, model, baseURL: server.url, apiKey: "key", retry: false, ...(api && { api }) } },
    env: { PLURIVOX_NO_NETWORK: "1" },
  });
  return { place, llm: llm(), requests, server, answers };
}

function enriched({ wire }: Place, text: string): string {
  const reply = JSON.parse(text) as Json;
  EXTRAS[wire.name]?.add(reply);
  return JSON.stringify(reply);
}

/** A conversation as it was held, and stored in between. */
export interface Held {
  history: Message[];
  results: ChatResult[];
}

/** `rich`: with a tool that the vendor runs, with sources, and with all that it wants back, where it has such things. */
export async function hold({ place, llm, answers }: Stand, rich: boolean): Promise<Held> {
  const ids = CALL_IDS[place.name]!;
  const calls = ids.map((id, at) => ({ id, name: NAMES[at]!, input: JSON.stringify(INPUTS[at]) }));
  const redacted = place.wire.cannot["reasoning-redacted"] === undefined && rich;
  answers.push(
    { answer: { id: "CANARYone", reasoning: SIGNED, text: SAID[0]!, toolCalls: calls }, rich },
    { answer: { id: "CANARYtwo", text: SAID[1]!, ...(redacted && { reasoning: REDACTED }) } },
  );
  const asked: Message[] = [{ role: "user", content: QUESTION }];
  const first = await llm.chat(asked, TOOLS);
  const results: Message = {
    role: "tool",
    content: [
      { type: "tool-result", toolCallId: ids[0], toolName: NAMES[0]!, output: OUTPUTS[0] },
      { type: "tool-result", toolCallId: ids[1], toolName: NAMES[1]!, output: OUTPUTS[1], isError: true },
    ],
  };
  const soFar = stored([...asked, ...first.messages, results]);
  const second = await llm.stream(soFar, TOOLS).result;
  return { history: stored([...soFar, ...second.messages]), results: [first, second] };
}

/** As it comes back from wherever it was kept. */
export function stored(messages: readonly Message[]): Message[] {
  return JSON.parse(JSON.stringify(messages)) as Message[];
}

/** Goes on with a stored conversation elsewhere. */
export async function goOn(
  { llm, requests }: Stand,
  history: readonly Message[],
): Promise<{ request: ReceivedRequest; result: ChatResult }> {
  const before = requests.length;
  const result = await llm.chat([...history, { role: "user", content: FOLLOW_UP }], TOOLS);
  if (requests.length !== before + 1) throw new Error(`One request should have arrived, not ${requests.length - before}.`);
  return { request: requests.at(-1)!, result };
}
