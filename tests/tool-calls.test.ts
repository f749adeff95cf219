// How hosts of the chat wire number, name and identify the pieces of tool calls: one reader for all
// of them.
import { startLoopback } from "@plurivox/conformance";
import fc from "fast-check";
import { createContext, groq, mistral, openaiCompatible, openrouter, type ChatResult, type LLM } from "plurivox";
import { afterAll, describe, expect, test } from "vitest";

interface Piece {
  index?: number | null;
  id?: string | null;
  name?: string;
  text?: string;
}

let body = "";
const server = await startLoopback((request, response) => {
  const { stream } = request.body as { stream?: boolean };
  response.setHeader("content-type", stream ? "text/event-stream" : "application/json");
  response.end(body);
});
afterAll(() => server.close());

const PROVIDERS = [openaiCompatible(), groq(), mistral(), openrouter()];

function clientOf(provider: (typeof PROVIDERS)[number]): LLM {
  const settings = { provider: provider.id, model: "some-model", baseURL: server.url, apiKey: "k", retry: false as const };
  return createContext({ providers: [provider], profiles: { default: settings }, env: { PLURIVOX_NO_NETWORK: "1" } }).llm();
}

const toWire = ({ index, id, name, text }: Piece): object => ({
  ...(index !== undefined && { index }),
  ...(id !== undefined && { id }),
  type: "function",
  function: { ...(name !== undefined && { name }), ...(text !== undefined && { arguments: text }) },
});

/** Each list is a chunk. */
function streamed(llm: LLM, chunks: readonly (readonly Piece[])[]): Promise<ChatResult> {
  const events = [
    ...chunks.map((pieces) => ({ choices: [{ index: 0, delta: { tool_calls: pieces.map(toWire) } }] })),
    { choices: [{ index: 0, delta: {}, finish_reason: "tool_calls" }] },
  ];
  body = `${events.map((event) => `data: ${JSON.stringify({ id: "a", model: "m", ...event })}\n\n`).join("")}data: [DONE]\n\n`;
  return llm.stream("Hi").result;
}

function whole(llm: LLM, entries: readonly Piece[]): Promise<ChatResult> {
  const message = { role: "assistant", content: null, tool_calls: entries.map(toWire) };
  body = JSON.stringify({ id: "a", model: "m", choices: [{ index: 0, message, finish_reason: "tool_calls" }] });
  return llm.chat("Hi");
}

/** Name and input of each call; no two share an id. */
function callsOf({ toolCalls }: ChatResult): [name: string, input: unknown][] {
  expect(new Set(toolCalls.map(({ toolCallId }) => toolCallId)).size).toBe(toolCalls.length);
  for (const { toolCallId } of toolCalls) expect(toolCallId).not.toMatch(/^(null|None)?$/);
  return toolCalls.map(({ toolName, input }) => [toolName, input]);
}

describe.each(PROVIDERS.map((provider) => ({ name: provider.id, llm: clientOf(provider) })))("$name", ({ llm }) => {
  test.each<[habit: string, chunks: Piece[][], calls: [string, unknown][]]>([
    [
      "another id in every piece, a name only in the first",
      [[{ index: 0, id: "t1", name: "f", text: '{"a"' }], [{ index: 0, id: "t2", text: ":" }], [{ index: 0, id: "t3", text: "1}" }]],
      [["f", { a: 1 }]],
    ],
    [
      "another id and the name in every piece",
      [[{ index: 0, id: "t1", name: "f", text: '{"a"' }], [{ index: 0, id: "t2", name: "f", text: ":1}" }]],
      [["f", { a: 1 }]],
    ],
    [
      "parallel calls at one index",
      [[{ index: 0, id: "x", name: "f", text: '{"a":1}' }], [{ index: 0, id: "y", name: "g", text: '{"a":2}' }]],
      [
        ["f", { a: 1 }],
        ["g", { a: 2 }],
      ],
    ],
    [
      "parallel calls at one index whose pieces take turns",
      [
        [{ index: 0, id: "x", name: "f", text: '{"a"' }],
        [{ index: 0, id: "y", name: "f", text: '{"a"' }],
        [{ index: 0, id: "x", text: ":1}" }],
        [{ index: 0, id: "y", text: ":2}" }],
      ],
      [
        ["f", { a: 1 }],
        ["f", { a: 2 }],
      ],
    ],
    [
      "no index at all",
      [[{ id: "x", name: "f", text: '{"a"' }], [{ text: ":1}" }], [{ id: "y", name: "f", text: "{}" }]],
      [
        ["f", { a: 1 }],
        ["f", {}],
      ],
    ],
    [
      "ids that say that there is none",
      [[{ index: 0, id: "null", name: "f", text: "{}" }], [{ index: 1, id: "null", name: "f", text: "{}" }]],
      [
        ["f", {}],
        ["f", {}],
      ],
    ],
    [
      "one id for all calls",
      [[{ index: 0, id: "x", name: "f", text: '{"a":1}' }], [{ index: 1, id: "x", name: "f", text: '{"a":1}' }]],
      [
        ["f", { a: 1 }],
        ["f", { a: 1 }],
      ],
    ],
    [
      "an empty object before the real input",
      [[{ index: 0, id: "x", name: "f", text: "{}" }], [{ index: 0, text: '{"a"' }], [{ index: 0, text: ":1}" }]],
      [["f", { a: 1 }]],
    ],
    ["an empty object and nothing after it", [[{ index: 0, id: "x", name: "f", text: "{}" }], [{ index: 0, text: "" }]], [["f", {}]]],
    [
      "the whole input once more at the end",
      [
        [{ index: 0, id: "x", name: "f", text: '{"a"' }],
        [{ index: 0, text: ":1}" }],
        [{ index: 0, id: "x", name: "f", text: '{"a":1}' }],
        [{ index: 0, text: '{"a":1}' }],
      ],
      [["f", { a: 1 }]],
    ],
    [
      "id and name in every piece",
      [
        [{ index: 0, id: "x", name: "f", text: '{"a"' }],
        [{ index: 0, id: "x", name: "f", text: ':{"b":1}' }],
        [{ index: 0, id: "x", name: "f", text: "}" }],
      ],
      [["f", { a: { b: 1 } }]],
    ],
    [
      "a name that comes after the id",
      [[{ index: 0, id: "x", text: "" }], [{ index: 0, name: "f", text: '{"a":' }], [{ index: 0, text: "1}" }]],
      [["f", { a: 1 }]],
    ],
    [
      "several calls in one chunk",
      [
        [
          { index: 0, id: "x", name: "f", text: "{}" },
          { index: 1, id: "y", name: "f", text: "{}" },
        ],
      ],
      [
        ["f", {}],
        ["f", {}],
      ],
    ],
  ])("%s", async (_, chunks, calls) => {
    expect(callsOf(await streamed(llm, chunks))).toEqual(calls);
  });

  test("entries of a whole answer are calls of their own, whatever they are called", async () => {
    const entries = [
      { id: "x", name: "f", text: '{"a":1}' },
      { id: "x", name: "f", text: '{"a":1}' },
      { index: 0, id: "null", name: "f", text: "{}" },
      { index: 0, id: null, name: "f", text: "" },
    ];
    expect(callsOf(await whole(llm, entries))).toEqual([
      ["f", { a: 1 }],
      ["f", { a: 1 }],
      ["f", {}],
      ["f", {}],
    ]);
  });

  test("what is cut anywhere, and numbered in any of these ways, is the same calls", async () => {
    const input = fc.dictionary(fc.constantFrom("a", "b", "c"), fc.oneof(fc.integer(), fc.string(), fc.constant({ d: [{}, "}{"] })), {
      minKeys: 1,
    });
    const call = fc.record({ name: fc.constantFrom("f", "g"), input, cuts: fc.array(fc.nat(20), { maxLength: 4 }) });
    const style = fc.constantFrom<(at: number, first: boolean) => Piece>(
      (at, first) => ({ index: at, ...(first && { id: `id${at}` }) }),
      (at) => ({ index: at, id: `id${at}` }),
      (at) => ({ index: 0, id: `id${at}` }),
      (at) => ({ id: `id${at}` }),
      (at) => ({ index: at, id: "null" }),
      (at) => ({ index: at }),
      (_at, first) => (first ? { index: 0, id: `fresh${Math.random()}` } : { index: 0 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 4 }), style, fc.boolean(), async (calls, numbered, again) => {
        const chunks = calls.flatMap(({ name, input: data, cuts }, at) => {
          const text = JSON.stringify(data);
          const ends = [...new Set([...cuts.filter((end) => end > 0 && end < text.length), text.length])].toSorted((a, b) => a - b);
          return ends.map((end, piece): Piece[] => {
            const first = piece === 0;
            return [
              {
                ...numbered(at, first),
                ...((first || (again && numbered(at, false).id !== undefined)) && { name }),
                text: text.slice(ends[piece - 1] ?? 0, end),
              },
            ];
          });
        });
        expect(callsOf(await streamed(llm, chunks))).toEqual(
          calls.map(({ name, input: data }) => [name, JSON.parse(JSON.stringify(data))]),
        );
      }),
      { numRuns: 60 },
    );
  });
});
