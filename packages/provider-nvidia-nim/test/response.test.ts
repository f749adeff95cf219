import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { isLlmError, type LlmError } from "@plurivox/core";
import { startLoopback } from "@plurivox/conformance";
import { afterAll, describe, expect, test } from "vitest";
import { client } from "./support.ts";

type Json = Record<string, unknown>;

let status = 200;
let reply = "";
const server = await startLoopback((_request, response) => {
  response.writeHead(status, { "content-type": reply.startsWith("data:") ? "text/event-stream" : "application/json" }).end(reply);
});
afterAll(() => server.close());

const llm = client(server.url);

function serve(...deltas: [delta: Json, finish?: string][]): void {
  status = 200;
  const chunks = deltas.map(([delta, finish]) => ({ id: "c", model: "m", choices: [{ index: 0, delta, finish_reason: finish ?? null }] }));
  reply = `${chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join("")}data: [DONE]\n\n`;
}

async function failure(result: Promise<unknown>): Promise<LlmError> {
  const thrown: unknown = await result.catch((error: unknown) => error);
  if (!isLlmError(thrown)) throw new Error("It did not fail.");
  return thrown;
}

/** https://github.com/NousResearch/hermes-agent/issues/8259: some of NVIDIA's models name the tool in every piece. */
describe("a name in every piece is one name", () => {
  const piece = (fields: Json, name: string, input: string): [Json] => [
    { tool_calls: [{ ...fields, function: { name, arguments: input } }] },
  ];
  const end: [Json, string] = [{}, "tool_calls"];
  const first = { toolName: "read_file", input: { path: "a" } };

  test.each<[what: string, begin: Json, go: Json]>([
    ["with the id at first", { index: 0, id: "call_1" }, { index: 0 }],
    ["with the id each time", { index: 0, id: "call_1" }, { index: 0, id: "call_1" }],
    ["with a null id later", { index: 0, id: "call_1" }, { index: 0, id: null }],
    ["without any id", { index: 0 }, { index: 0 }],
    ["without id and index", {}, {}],
  ])("%s", async (_what, begin, go) => {
    serve(
      piece(begin, "read_file", ""),
      piece(go, "read_file", '{"pa'),
      piece(go, "read_file", 'th":"a"}'),
      piece(go, "read_file", ""),
      end,
    );
    const { toolCalls, finishReason } = await llm.stream("Hi").result;
    expect(toolCalls).toEqual([{ ...first, toolCallId: begin["id"] ?? expect.stringMatching(/^call_/) }]);
    expect(finishReason).toBe("tool-calls");
  });

  test("and two calls of one tool stay two", async () => {
    serve(
      piece({ index: 0, id: "call_1" }, "read_file", '{"path":"a"}'),
      piece({ index: 1, id: "call_2" }, "read_file", '{"pa'),
      piece({ index: 1 }, "read_file", 'th":"b"}'),
      piece({ index: 0 }, "read_file", ""),
      end,
    );
    expect((await llm.stream("Hi").result).toolCalls).toEqual([
      { ...first, toolCallId: "call_1" },
      { toolName: "read_file", input: { path: "b" }, toolCallId: "call_2" },
    ]);
  });

  test("also where both come whole, at the same place and without ids", async () => {
    serve(piece({ index: 0 }, "read_file", '{"path":"a"}'), piece({ index: 0 }, "read_file", '{"path":"b"}'), end);
    expect((await llm.stream("Hi").result).toolCalls).toMatchObject([first, { toolName: "read_file", input: { path: "b" } }]);
  });
});

test("reasoning comes in its own field", async () => {
  serve([{ reasoning_content: "Let me " }], [{ reasoning_content: "see." }], [{ content: "Well." }], [{}, "stop"]);
  expect(await llm.stream("Hi").result).toMatchObject({ reasoning: "Let me see.", text: "Well.", usage: {} });
});

describe("errors", () => {
  const gateway = (code: number, title: string, detail: string) => JSON.stringify({ status: code, title, detail });
  test.each<[status: number, body: string, kind: string, retryable: boolean]>([
    [401, gateway(401, "Unauthorized", "It failed"), "authentication", false],
    [402, gateway(402, "Payment Required", "It failed"), "quota", false],
    [403, gateway(403, "Forbidden", "It failed"), "permission", false],
    [404, gateway(404, "Not Found", "It failed: Function 'f': Not found for account 'a'"), "not-found", false],
    [410, gateway(410, "Gone", "It failed"), "not-found", false],
    [
      400,
      JSON.stringify({ object: "error", message: "It failed: maximum context length", type: "BadRequestError", code: 400 }),
      "context-length",
      false,
    ],
    [400, JSON.stringify({ error: { message: "It failed", type: "BadRequestError", code: 400 } }), "invalid-request", false],
    [422, JSON.stringify({ detail: [{ loc: ["body"], msg: "It failed" }] }), "invalid-request", false],
    [429, gateway(429, "Too Many Requests", "It failed"), "rate-limit", true],
    [500, JSON.stringify({ error: { message: "ResourceExhausted: It failed, worker limit reached (33/32)" } }), "overloaded", true],
    [503, "It failed", "overloaded", true],
  ])("%i %s is %s", async (code, body, kind, retryable) => {
    status = code;
    reply = body;
    for (const error of [await failure(llm.chat("Hi")), await failure(llm.stream("Hi").result)]) {
      expect(error).toMatchObject({ kind, retryable, status: code });
      expect(error.message).toContain("It failed");
    }
  });

  test("a model that is not served here is told as that", async () => {
    status = 404;
    reply = gateway(404, "Not Found", "Function 'f': Not found for account 'a'");
    expect((await failure(llm.chat("Hi"))).hint).toContain("build.nvidia.com");
  });

  test("in a stream, with what came before", async () => {
    serve([{ content: "Well" }]);
    reply = reply.replace("data: [DONE]", 'data: {"error":{"message":"ResourceExhausted: It failed"}}');
    expect(await failure(llm.stream("Hi").result)).toMatchObject({ kind: "overloaded", retryable: true, partial: { text: "Well" } });
  });
});

test("importing the package loads no SDK", () => {
  const script = `
    import { registerHooks } from "node:module";
    const loaded = [];
    registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
    const { nvidiaNim } = await import(${JSON.stringify(new URL("../src/index.ts", import.meta.url).href)});
    nvidiaNim();
    console.log(loaded.filter((url) => url.includes("/node_modules/openai/")).length);
  `;
  const out = execFileSync(process.execPath, ["--conditions=@plurivox/source", "--input-type=module", "--eval", script], {
    cwd: fileURLToPath(new URL("..", import.meta.url)),
    encoding: "utf8",
  });
  expect(out.trim()).toBe("0");
});
