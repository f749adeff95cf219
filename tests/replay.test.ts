import { startLoopback } from "@plurivox/conformance";
import { createContext, isLlmError, tool, type CallOptions, type ChatResult, type ProfileSettings, type Tool } from "plurivox";
import { afterAll, describe, expect, test } from "vitest";
import { answerOf, formOf, type RecordedAnswer } from "./support/recorded-answers.ts";
import { callsOf, findConversations, resultsOf, type Result, type Turn } from "./support/recorded-conversations.ts";
import { readRequest, toMessages, type DeclaredTool, type Item, type RequestRead } from "./support/recorded-requests.ts";
import { haveRecordings, loadRecordings, replay, type Recording } from "./support/recordings.ts";

const FOLDERS =
  "openai-chat openai-responses azure-openai anthropic google mistral cohere groq ollama openrouter nvidia-nim lmstudio".split(" ");
const recordings = [...FOLDERS, "openai-compatible-other"].flatMap((folder) => loadRecordings(folder));
const { runs, left } = findConversations(recordings);

const countBy = (folders: readonly string[]) =>
  Object.fromEntries([...Map.groupBy(folders, (folder) => folder)].map(([folder, all]) => [folder, all.length]));

const PROVIDER_OF: Record<string, string> = {
  "openai-chat": "openai",
  "openai-responses": "openai",
  "azure-openai": "azure",
  "openai-compatible-other": "openai-compatible",
};

function profileOf({ provider: folder, request, model }: Recording, server: string): ProfileSettings {
  const { pathname, searchParams } = new URL(request.url);
  const provider = PROVIDER_OF[folder] ?? folder;
  const base = { provider, model: model ?? "some-model", baseURL: server, apiKey: "some-key", retry: false as const };
  if (PROVIDER_OF[folder] === undefined) return base;
  const api = pathname.endsWith("/responses") ? "responses" : "chat";
  if (provider !== "azure") return { ...base, api };
  const version = searchParams.get("api-version") ?? (pathname.startsWith("/openai/v1/") ? undefined : "2024-10-21");
  const deployment = /\/deployments\/([^/]+)\//.exec(pathname)?.[1];
  return {
    ...base,
    api,
    ...(pathname.startsWith("/models/") && { baseURL: `${server}/models` }),
    ...(version !== undefined && { apiVersion: version }),
    ...(deployment !== undefined && { azureDeployment: deployment }),
  };
}

/** The recorded tools, and those that are called without a schema: the vendor knows them, and the program runs them. */
function toolsOf(declared: readonly DeclaredTool[], names: readonly string[], execute: (id: string, name: string) => unknown): Tool[] {
  const undeclared = [...new Set(names)].filter((name) => declared.every((one) => one.name !== name)).map((name) => ({ name }));
  return [...declared, ...undeclared].map(({ schema, ...fields }: DeclaredTool) =>
    tool({
      ...fields,
      input: schema ?? { type: "object", properties: {} },
      execute: (_input, { toolCallId }) => execute(toolCallId, fields.name),
    }),
  ) as Tool[];
}

/** Gives each call the result that was recorded for it: by its id, or else the next one of that name. */
function recordedResults(run: readonly Turn[]): (id: string, name: string) => unknown {
  const open: Result[] = run.slice(1).flatMap(({ asked }, at) => resultsOf(asked.items).slice(resultsOf(run[at]!.asked.items).length));
  return (id, name) => {
    const at = open.findIndex((one) => (one.id === undefined ? (one.name ?? name) === name : one.id === id));
    if (at < 0) return "There is no recorded result: the recording ends with this call.";
    const [found] = open.splice(at, 1);
    if (found!.isError) throw new Error(String(found!.output));
    return found!.output;
  };
}

/** One vendor is asked about the model first. */
const isChat = (path: string) => !path.endsWith("/api/show");

/** What was called and what came of it. An id or a name that the recorder did not send is not asked of us either. */
function told(items: readonly Item[], like: readonly Item[] = []): unknown[] {
  const only = (all: readonly Item[]) => all.filter(({ kind }) => kind !== "said");
  const recorded = only(like);
  return only(items).map((item, at) => {
    const other = recorded[at];
    return Object.fromEntries(Object.entries(item).filter(([key]) => other === undefined || !["id", "name"].includes(key) || key in other));
  });
}

function ask(server: string, recording: Recording, items: readonly Item[], options: CallOptions): Promise<ChatResult> {
  const profiles = { default: profileOf(recording, server) };
  const llm = createContext({ profiles, env: { PLURIVOX_NO_NETWORK: "1" } }).llm();
  const settings: CallOptions = { onUnsupported: "ignore", ...options };
  return recording.streaming ? llm.stream(toMessages(items), settings).result : llm.chat(toMessages(items), settings);
}

describe.skipIf(!haveRecordings)("recorded conversations (skipped where /shared/recordings is absent)", async () => {
  let queue: Recording[] = [];
  const server = await startLoopback(({ path }, response) => {
    const next = isChat(path) ? queue.shift() : undefined;
    if (next !== undefined) return replay(next, response);
    response.writeHead(500).end();
  });
  afterAll(() => server.close());

  test("are all here", () => {
    expect(countBy(runs.map(([first]) => first!.recording.provider))).toEqual({
      "openai-chat": 2,
      "openai-responses": 11,
      "azure-openai": 6,
      anthropic: 4,
      google: 4,
      mistral: 3,
      cohere: 7,
      groq: 5,
      ollama: 4,
      openrouter: 3,
      "openai-compatible-other": 4,
    });
    expect([runs.flat().length, runs.filter(([first]) => first!.recording.streaming).length]).toEqual([113, 32]);
    expect(runs.flatMap((run) => run.slice(0, -1).flatMap(({ answer }) => answer.calls)).length).toBe(73);
  });

  test("and those that cannot be replayed, with the reason", () => {
    // The first two lie in part among the recordings that are kept apart; in the third, clients added words of their own or lost some.
    expect(Object.fromEntries(Object.entries(left).map(([reason, ids]) => [reason, ids.length]))).toEqual({
      "the turn before is not at hand": 134,
      "a new question follows the results": 36,
      "more was said between": 16,
    });
    const telling = recordings.filter(({ features, response }) => response.status === 200 && features.includes("tool-results"));
    const known = new Set([...Object.values(left).flat(), ...runs.flatMap((run) => run.slice(1).map(({ recording }) => recording.id))]);
    expect(telling.filter(({ id }) => !known.has(id)).map(({ id }) => id)).toEqual([]);
  });

  test.for(runs.map((run) => ({ id: run[0]!.recording.id, run })))("$id", async ({ run }) => {
    const [first] = run as [Turn, ...Turn[]];
    queue = run.map(({ recording }) => recording);
    const before = server.requests.length;
    const names = run.flatMap(({ answer }) => answer.calls.map(({ name }) => name));
    const result = await ask(server.url, first.recording, first.asked.items, {
      tools: toolsOf(first.asked.tools, names, recordedResults(run)),
      maxSteps: run.length,
    });
    const captured = server.requests
      .slice(before)
      .filter(({ path }) => isChat(path))
      .map(({ body }) => readRequest(body, first.form));
    expect(captured.length).toBe(run.length);
    expect(result.steps.length).toBe(run.length);
    for (const [at, { asked, answer }] of run.entries()) {
      const ours = captured[at]!.items;
      expect(told(ours, asked.items)).toEqual(told(asked.items));
      expect(callsOf(ours).length).toBe(callsOf(first.asked.items).length + run.slice(0, at).flatMap((turn) => turn.answer.calls).length);
      const { text, toolCalls } = result.steps[at]!;
      expect(text).toBe(answer.text);
      const called = toolCalls.filter(({ providerExecuted }) => !providerExecuted);
      expect(called.map(({ toolCallId: id, toolName: name, input }, i) => ({ ...(answer.calls[i]?.id && { id }), name, input }))).toEqual(
        answer.calls,
      );
    }
  });
});

interface Structured {
  id: string;
  recording: Recording;
  asked: RequestRead;
  answer: RecordedAnswer;
  /** What came instead of data. */
  instead?: "calls" | "refusal" | "cut off";
}

const structured = recordings
  .filter(({ features, response }) => response.status === 200 && (features.includes("structured-output") || features.includes("json-mode")))
  .map((recording): Structured => {
    const answer = answerOf(recording);
    const isCut = answer.end === "length";
    const instead = answer.calls.length > 0 ? "calls" : isCut ? "cut off" : answer.text === "" ? "refusal" : undefined;
    const asked = readRequest(recording.request.body, formOf(recording));
    return { id: recording.id, recording, asked, answer, ...(instead !== undefined && { instead }) };
  });

describe.skipIf(!haveRecordings)("recorded structured output (skipped where /shared/recordings is absent)", async () => {
  let current: Recording | undefined;
  const server = await startLoopback(({ path }, response) => {
    if (isChat(path)) return replay(current!, response);
    response.writeHead(404).end();
  });
  afterAll(() => server.close());

  function run({ recording, asked }: Structured, output: NonNullable<CallOptions["output"]>): Promise<ChatResult> {
    current = recording;
    const tools = toolsOf(asked.tools, [], () => "");
    return ask(server.url, recording, asked.items, { executeTools: false, output, tools });
  }

  test("is all here", () => {
    expect(countBy(structured.map(({ recording }) => recording.provider))).toEqual({
      "openai-chat": 17,
      "openai-responses": 13,
      "azure-openai": 4,
      anthropic: 9,
      google: 12,
      mistral: 7,
      cohere: 2,
      groq: 2,
      ollama: 3,
      openrouter: 9,
      "openai-compatible-other": 9,
    });
    expect(countBy(structured.map(({ instead = "data" }) => instead))).toEqual({ data: 61, calls: 13, refusal: 11, "cut off": 2 });
    expect(structured.filter(({ asked }) => asked.output === "json").length).toBe(26);
  });

  test.for(structured)("$id", async (one) => {
    const { asked, answer, instead } = one;
    const running = run(one, asked.output === "json" ? "json" : { ...asked.output!, mode: "native" });
    if (instead === "refusal" || instead === "cut off") {
      const error: unknown = await running.catch((thrown: unknown) => thrown);
      const kind = instead === "refusal" ? "content-filter" : "incomplete-output";
      return expect(error).toMatchObject({ kind, partial: { text: answer.text } });
    }
    const result = await running;
    expect(result.text).toBe(answer.text);
    expect(result.output).toEqual(instead === undefined ? JSON.parse(answer.text) : undefined);
    expect(result.toolCalls.map(({ toolName: name, input }) => ({ name, input }))).toEqual(
      answer.calls.map(({ name, input }) => ({ name, input })),
    );
  });

  // That all recorded answers fit says little of a check that is never made.
  const checked = structured.filter(({ asked, instead }) => instead === undefined && asked.output !== "json");
  test.for(checked)("$id does not fit another schema", async (one) => {
    const { schema } = one.asked.output as { schema: Record<string, unknown> };
    const required = [...((schema["required"] ?? []) as string[]), "never_said"];
    const error: unknown = await run(one, { schema: { ...schema, required }, mode: "native" }).catch((thrown: unknown) => thrown);
    expect(isLlmError(error) && error.kind).toBe("invalid-output");
  });
});
