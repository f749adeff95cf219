// The input of a tool has the type of its schema, its result that of what the function gives back.
import {
  llm,
  requireApproval,
  runTools,
  tool,
  type CallOptions,
  type ChatResult,
  type RunToolsOptions,
  type Tool,
  type ToolDefinition,
  type ToolLike,
  type ToolResult,
  type ToolRun,
} from "plurivox";
import { z } from "zod";
import { is, type AnyIn, type Assignable, type IsAny, type Same } from "./assert.ts";

interface Weather {
  temperature: number;
}
const getWeather = tool({
  name: "get_weather",
  input: z.object({ city: z.string(), days: z.number().default(1) }),
  approval: (input) => {
    is<Same<typeof input, { city: string; days: number }>>();
    return input.days > 7;
  },
  async execute(input, run): Promise<Weather> {
    is<Same<typeof input, { city: string; days: number }>>();
    is<Same<typeof run, ToolRun>>();
    return { temperature: 22 };
  },
});
is<Same<typeof getWeather, Tool<{ city: string; days: number }, Weather>>>();
is<Same<NonNullable<(typeof getWeather)["_types"]>, { input: { city: string; days: number }; output: Weather }>>();

// What a function returns at once, what a generator returns in the end: its yields are no part of it.
const plain = tool({ name: "plain", input: z.string(), execute: (text) => text.length });
is<Same<typeof plain, Tool<string, number>>>();
const generator = tool({
  name: "generator",
  input: z.object({}),
  *execute() {
    yield "half";
    return { total: 5 };
  },
});
is<Same<typeof generator, Tool<Record<string, never>, { total: number }>>>();
const asyncGenerator = tool({
  name: "async-generator",
  input: z.object({ query: z.string() }),
  async *execute({ query }, { signal, approve }) {
    is<Same<[typeof signal, ReturnType<typeof approve>], [AbortSignal, Promise<boolean>]>>();
    yield { found: query };
    return [query];
  },
});
is<Same<typeof asyncGenerator, Tool<{ query: string }, string[]>>>();

// JSON Schema says nothing about types.
const json = tool({
  name: "json",
  input: { type: "object", properties: { city: { type: "string" } } },
  execute: (input) => is<Same<typeof input, unknown>>(),
});
is<Assignable<typeof json, Tool>>();
const told = tool<{ city: string }, string>({ name: "told", input: { type: "object" }, execute: ({ city }) => city });
is<Same<typeof told, Tool<{ city: string }, string>>>();

// Tools of ours, functions in OpenAI's style and tools of vendors, side by side.
const mixed: ToolLike[] = [
  getWeather,
  plain,
  generator,
  asyncGenerator,
  json,
  tool({ name: "unrun", input: z.object({}) }),
  { type: "function", function: { name: "remote", description: "Runs elsewhere", parameters: { type: "object" } } },
  { type: "provider", provider: "openai", name: "web_search", options: { maxUses: 2 } },
];
const options: CallOptions = {
  tools: mixed,
  toolContext: { user: 1 },
  approval: requireApproval("get_weather", plain, ({ toolName }) => toolName === "json"),
  approve: async ({ toolName, input }) => {
    is<Same<typeof input, unknown>>();
    return { approved: toolName === "plain", reason: "because" };
  },
  stopWhen: ({ steps }) => steps.length > 3,
};
const result: ChatResult = await llm().chat("", options);
const results = await runTools(result, mixed, { toolContext: 1, signal: AbortSignal.timeout(1) });
is<Same<typeof results, ToolResult[]>>();

// `toolContext` is the caller's at both ends, so it is `any` where it is read, and there alone.
is<Same<AnyIn<ToolRun>, "toolContext">>();
is<Same<IsAny<CallOptions["toolContext"]>, false>>();
is<Same<AnyIn<CallOptions>, never>>();
is<Same<AnyIn<Tool>, never>>();
is<Same<AnyIn<ToolDefinition<string, number>>, never>>();
is<Same<AnyIn<RunToolsOptions>, never>>();
is<Same<IsAny<ToolLike>, false>>();

// @ts-expect-error: a tool has a name.
void tool({ input: z.object({}), execute: () => 1 });
// @ts-expect-error: a tool has an input.
void tool({ name: "f", execute: () => 1 });
// @ts-expect-error: the function takes what the schema gives.
void tool({ name: "f", input: z.object({ city: z.string() }), execute: (input: { city: number }) => input });
// @ts-expect-error: so does the predicate.
void tool({ name: "f", input: z.string(), approval: (input: number) => input > 1, execute: () => 1 });
// @ts-expect-error: not a setting.
void tool({ name: "f", input: z.string(), timeout: 5, execute: () => 1 });
// @ts-expect-error: a name, a tool or a predicate.
void requireApproval(1);
// @ts-expect-error: neither of ours nor of a vendor.
void llm().chat("", { tools: [{ name: "f" }] });
// @ts-expect-error: what is decided is yes or no.
void llm().chat("", { approve: () => "yes" });
// @ts-expect-error: the one or the other.
void llm().chat("", { approvals: "ask" });
