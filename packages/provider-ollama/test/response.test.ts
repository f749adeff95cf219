import { startLoopback } from "@plurivox/conformance";
import type { ChatEvent, ChatResult, LlmError, Message } from "@plurivox/core";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { answer, client, errorOf, lines, piece, type Json, type SentBody } from "./support.ts";

let status = 200;
let reply = "";
const server = await startLoopback((_request, response) => {
  response.writeHead(status, { "content-type": "application/json" }).end(reply);
});
afterAll(() => server.close());
beforeEach(() => {
  status = 200;
});

const llm = client(server.url, { providerOptions: { ollama: { numCtx: 2048 } } });

function whole(body: Json): Promise<ChatResult> {
  reply = JSON.stringify(body);
  return llm.chat("Hi");
}

function streamed(...list: Json[]): Promise<ChatResult> {
  reply = lines(...list);
  return llm.stream("Hi").result;
}

describe("answers", () => {
  test.for<[raw: string | undefined, finishReason: string]>([
    ["stop", "stop"],
    ["length", "length"],
    ["something_new", "other"],
    [undefined, "stop"],
  ])("%s means %s, whole and streamed", async ([raw, finishReason]) => {
    const expected = { finishReason, ...(raw && { rawFinishReason: raw }), text: "A" };
    const last = answer({ content: "A" }, { done_reason: raw });
    expect(await whole(last)).toMatchObject(expected);
    expect(await streamed(piece({ content: "A" }), answer({ content: "" }, { done_reason: raw }))).toMatchObject(expected);
    expect(await streamed(last)).toMatchObject(expected);
  });

  test.for(["load", "unload", "LOAD"])("%s is no answer: the model was asked nothing", async (done_reason) => {
    const last = answer({ content: "" }, { done_reason });
    for (const call of [whole(last), streamed(last), streamed(piece({ content: "" }), last)])
      expect(await errorOf(call)).toMatchObject({ kind: "invalid-response", hint: expect.stringContaining("user") });
  });

  test("calls come whole: with an id, without one, with the same name and index, without input", async () => {
    const call = (name: string, input: unknown, id?: string) => ({ ...(id && { id }), function: { index: 0, name, arguments: input } });
    const calls = [call("a", { x: 1 }), call("a", { x: 1 }), call("b", {}, "call_own"), call("c", null), call("d", undefined)];
    for (const result of [
      await whole(answer({ content: "", tool_calls: calls })),
      await streamed(...calls.map((one) => piece({ tool_calls: [one] })), answer({ content: "" })),
      await streamed(piece({ content: "Look. ", tool_calls: calls.slice(0, 3) }), answer({ content: "", tool_calls: calls.slice(3) })),
    ]) {
      expect(result.finishReason).toBe("tool-calls");
      expect(result.rawFinishReason).toBe("stop");
      expect(result.toolCalls.map(({ toolName, input }) => [toolName, input])).toEqual([
        ["a", { x: 1 }],
        ["a", { x: 1 }],
        ["b", {}],
        ["c", {}],
        ["d", {}],
      ]);
      const ids = result.toolCalls.map(({ toolCallId }) => toolCallId);
      expect(new Set(ids).size).toBe(5);
      expect(ids[2]).toBe("call_own");
      for (const id of ids) expect(id).not.toBe("");
    }
  });

  test("a call keeps its id, and its result finds it", async () => {
    const { messages, toolCalls } = await whole(answer({ content: "", tool_calls: [{ function: { name: "f", arguments: { x: 1 } } }] }));
    const stored = JSON.parse(JSON.stringify(messages)) as Message[];
    const { toolCallId, toolName } = toolCalls[0]!;
    const result: Message = { role: "tool", content: [{ type: "tool-result", toolCallId, toolName, output: "42" }] };
    await llm.chat([{ role: "user", content: "Hi" }, ...stored, result]);
    const sent = (server.requests.at(-1)!.body as SentBody).messages;
    expect(sent.slice(1)).toEqual([
      { role: "assistant", content: "", tool_calls: [{ id: toolCallId, function: { name: "f", arguments: { x: 1 } } }] },
      { role: "tool", content: "42", tool_name: "f", tool_call_id: toolCallId },
    ]);
  });

  test("reasoning ends before the text begins, also within one line", async () => {
    const parts = [
      { type: "reasoning", text: "Hmm." },
      { type: "text", text: "Yes." },
    ];
    for (const result of [
      await whole(answer({ thinking: "Hmm.", content: "Yes." })),
      await streamed(
        piece({ thinking: "Hm" }),
        piece({ thinking: "m.", content: "Ye" }),
        piece({ content: "s." }),
        answer({ content: "" }),
      ),
    ]) {
      expect(result).toMatchObject({ reasoning: "Hmm.", text: "Yes." });
      expect(result.messages[0]!.content).toEqual(parts);
    }
  });

  test("usage: cached is part of the input, absent is unknown", async () => {
    const counted = answer({ content: "A" }, { prompt_eval_count: 10, prompt_eval_cached_count: 4, eval_count: 5 });
    const expected = { inputTokens: 10, outputTokens: 5, totalTokens: 15, cacheReadTokens: 4 };
    expect((await whole(counted)).usage).toEqual(expected);
    expect((await streamed(piece({ content: "A" }), counted)).usage).toEqual(expected);
    expect((await whole(answer({ content: "A" }, { prompt_eval_count: undefined }))).usage).toEqual({ outputTokens: 5 });
    expect((await whole(answer({ content: "A" }, { prompt_eval_count: undefined, eval_count: undefined }))).usage).toEqual({});
    expect((await whole(answer({ content: "A" }, { prompt_eval_count: -1, eval_count: "5" }))).usage).toEqual({});
  });

  test("logprobs", async () => {
    const token = { token: "A", logprob: -0.1, bytes: [65], top_logprobs: [{ token: "A", logprob: -0.1, bytes: [65] }] };
    const plain = { token: "B", logprob: -0.2 };
    const expected = [{ token: "A", logprob: -0.1, top: [{ token: "A", logprob: -0.1 }] }, plain];
    expect((await whole(answer({ content: "AB" }, { logprobs: [token, plain] }))).logprobs).toEqual(expected);
    const result = await streamed(
      piece({ content: "A" }, { logprobs: [token] }),
      piece({ content: "B" }, { logprobs: [plain] }),
      answer({ content: "" }),
    );
    expect(result).toMatchObject({ text: "AB", logprobs: expected });
  });

  test("pictures that a model draws", async () => {
    const result = await streamed(piece({ images: ["iVBORw0K"] }), answer({ content: "There." }));
    expect(result).toMatchObject({ text: "There.", files: [{ type: "image", base64: "iVBORw0K" }] });
  });

  test("lines that nobody knows go by; nothing after the last counts", async () => {
    const result = await streamed(
      piece({ content: "A", made_up: 1 }, { made_up: {} }),
      { made_up: true },
      { model: "kit-model", done: false },
      { message: null, done: false },
      answer({ content: "B" }),
      piece({ content: "C" }),
    );
    expect(result).toMatchObject({ text: "AB", responseModel: "kit-model" });
  });

  test("raw events are the vendor's own", async () => {
    const came = [piece({ content: "A" }), answer({ content: "" })];
    reply = lines(...came);
    const seen: ChatEvent[] = [];
    for await (const event of llm.stream("Hi", { includeRaw: true })) seen.push(event);
    expect(seen.flatMap((event) => (event.type === "raw" ? [event.raw] : []))).toEqual(came);
    expect((await whole(came[1]!)).raw).toEqual(came[1]);
  });
});

describe("errors", () => {
  const cases: [status: number, body: unknown, expected: Partial<LlmError>][] = [
    [400, { error: "invalid character '}' looking for beginning of value" }, { kind: "invalid-request", retryable: false }],
    [400, { error: "the input length exceeds the context length" }, { kind: "context-length" }],
    [400, { error: "request (5000 tokens) exceeds the available context size (4096 tokens)" }, { kind: "context-length" }],
    [400, { error: "gemma3:4b does not support tools" }, { kind: "unsupported", retryable: false }],
    [400, { error: '"llama3.2" does not support thinking' }, { kind: "unsupported" }],
    [
      401,
      { error: "unauthorized", signin_url: "https://ollama.com/connect?key=k" },
      { kind: "authentication", hint: "Run: ollama signin, or set an API key." },
    ],
    [401, { error: "unauthorized" }, { kind: "authentication" }],
    [402, { error: "payment required" }, { kind: "quota" }],
    [403, { error: "this model needs a subscription" }, { kind: "permission" }],
    [404, { error: "model 'qwen3:8b' not found" }, { kind: "not-found", retryable: false, hint: "Run: ollama pull qwen3:8b" }],
    [404, { error: 'model "hf.co/a/b:Q4" not found, try pulling it first' }, { kind: "not-found", hint: "Run: ollama pull hf.co/a/b:Q4" }],
    [404, "404 page not found", { kind: "not-found" }],
    [413, { error: "too large" }, { kind: "invalid-request" }],
    [429, { error: "too many concurrent requests" }, { kind: "rate-limit", retryable: true }],
    [429, { error: "you (x) have reached your weekly usage limit, upgrade for higher limits" }, { kind: "quota", retryable: false }],
    [500, { error: "llama runner process has terminated: exit status 2" }, { kind: "server", retryable: true }],
    [500, { error: "model requires more system memory (9.1 GiB) than is available (4.2 GiB)" }, { kind: "server", retryable: false }],
    [502, { error: { message: "upstream" } }, { kind: "server", retryable: true }],
    [503, { error: "server busy, please try again. maximum pending requests exceeded" }, { kind: "overloaded", retryable: true }],
    [503, "", { kind: "overloaded", retryable: true }],
  ];
  test.for(cases)("%i %j", async ([code, body, expected]) => {
    status = code;
    reply = typeof body === "string" ? body : JSON.stringify(body);
    const said = (body as { error?: string | { message: string } }).error;
    const words = typeof said === "object" ? said.message : (said ?? "");
    for (const call of [llm.chat("Hi"), llm.stream("Hi").result]) {
      const error = await errorOf(call);
      expect(error).toMatchObject({ ...expected, status: code, provider: "ollama" });
      expect(error.message).toContain(words);
    }
  });

  test("in mid-stream: the kind, and what had come", async () => {
    reply = lines(piece({ content: "Half" }), { error: "an error was encountered while running the model: unexpected EOF" });
    expect(await errorOf(llm.stream("Hi").result)).toMatchObject({ kind: "server", retryable: true, partial: { text: "Half" } });
    reply = lines(piece({ content: "Half" }), { error: "slow down", status_code: 429 });
    expect(await errorOf(llm.stream("Hi").result)).toMatchObject({ kind: "rate-limit", status: 429, retryable: true });
    reply = lines({ error: "model 'x' not found" });
    expect(await errorOf(llm.stream("Hi").result)).toMatchObject({ kind: "not-found", hint: "Run: ollama pull x" });
  });

  test("a stream that only stops is no answer; one whose last line lacks its line break is", async () => {
    reply = lines(piece({ content: "Half" }));
    expect(await errorOf(llm.stream("Hi").result)).toMatchObject({ kind: "incomplete-stream", partial: { text: "Half" } });
    reply = lines(piece({ content: "Whole" }), answer({ content: "" })).trimEnd();
    expect((await llm.stream("Hi").result).text).toBe("Whole");
  });

  test("bodies that are no answer", async () => {
    for (const body of [{ models: [] }, { response: "of another API", created_at: "x" }, { error: "Under a 200" }]) {
      reply = JSON.stringify(body);
      const kind = "error" in body ? "server" : "invalid-response";
      expect(await errorOf(llm.chat("Hi"))).toMatchObject({ kind });
      expect(await errorOf(llm.stream("Hi").result)).toMatchObject({ kind });
    }
  });
});
