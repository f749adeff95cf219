import { LlmError } from "../error.ts";
import { toMessages } from "../message/normalize.ts";
import type { Message } from "../message/types.ts";
import type { CallFunction, CallOptions, ChatCall, ReasoningSettings, Warning } from "../model/chat.ts";
import type { OutputMode, ProviderTool, ToolLike } from "../model/tool.ts";
import { toCallOutput, toJsonSchema, toWanted } from "../output/schema.ts";
import { toToolSchema } from "../output/tool-schema.ts";
import { withoutDecisions } from "../tools/approval.ts";

export interface Prepared {
  call: ChatCall;
  /** How structured output was asked for. */
  outputMode: OutputMode;
  /** `strict: true` was asked for the output, so nothing else will do. */
  strictOutput: boolean;
  warnings: Warning[];
}

/** A caller's input as one plain call. Throws before anything is sent: `invalid-request`, `schema`, `configuration`. */
export function prepareChat(
  input: string | readonly unknown[],
  options: CallOptions,
  to: { provider: string; model: string; deployment: string | undefined; stream: boolean },
): Prepared {
  checkNumbers(options);
  const messages = withoutDecisions(toMessages(input));
  if (options.system !== undefined) messages.unshift({ role: "system", content: options.system });
  if (messages.every((message) => message.role === "system"))
    throw new LlmError("invalid-request", "There are only system messages: add a user message.");
  const wanted = options.output === undefined ? undefined : toWanted(options.output);
  const warnings: Warning[] = [];
  const call: ChatCall = {
    model: to.model,
    ...(to.deployment !== undefined && { deployment: to.deployment }),
    stream: to.stream,
    messages,
    tools: (options.tools ?? []).map((tool, index) => toCallTool(tool, index, warnings)),
    providerOptions: options.providerOptions?.[to.provider] ?? {},
    ...pick(options),
    ...(wanted !== undefined && { output: toCallOutput(wanted) }),
    ...(options.reasoning !== undefined && { reasoning: toReasoning(options.reasoning) }),
  };
  checkToolChoice(call);
  return { call, outputMode: wanted?.mode ?? "auto", strictOutput: wanted?.strict === true, warnings };
}

const PLAIN = [
  "temperature",
  "topP",
  "topK",
  "maxOutputTokens",
  "stopSequences",
  "seed",
  "n",
  "presencePenalty",
  "frequencyPenalty",
  "logprobs",
  "toolChoice",
  "parallelToolCalls",
  "cache",
  "user",
  "metadata",
] as const;

/** The options that are the call's own, as they stand; those left undefined stay absent. */
function pick(options: CallOptions): Pick<ChatCall, (typeof PLAIN)[number]> {
  return Object.fromEntries(PLAIN.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])));
}

function toReasoning(reasoning: NonNullable<CallOptions["reasoning"]>): ReasoningSettings {
  return typeof reasoning === "string" ? { effort: reasoning } : reasoning;
}

function toCallTool(tool: ToolLike, index: number, warnings: Warning[]): CallFunction | ProviderTool {
  if (tool !== null && typeof tool === "object") {
    if ("type" in tool && tool.type === "provider" && isName(tool.name)) return tool;
    if ("type" in tool && tool.type === "function" && isName(tool.function?.name)) {
      const { parameters, ...rest } = tool.function;
      return toFunction({ ...rest, schema: parameters }, warnings);
    }
    if ("input" in tool && isName(tool.name)) {
      const input: unknown = tool.input;
      const plain = typeof input === "boolean" || input === null || input === undefined;
      return toFunction({ ...tool, schema: plain ? input : toJsonSchema(tool.input, "input") }, warnings);
    }
  }
  throw new LlmError(
    "invalid-request",
    `tools[${index}] must be made by tool(), or be { type: "function", function: { name, … } } or { type: "provider", provider, name }.`,
  );
}

function isName(name: unknown): boolean {
  return typeof name === "string" && name !== "";
}

interface Described {
  name: string;
  description?: string;
  strict?: boolean;
  /** As the caller gives it. */
  schema: unknown;
}

function toFunction({ name, description, strict, schema }: Described, warnings: Warning[]): CallFunction {
  const { schema: inputSchema, flattened } = toToolSchema(schema, name);
  if (flattened) {
    const message = `The input of the tool "${name}" may be one of several forms, which vendors do not take: they are sent as one, and the input is checked here.`;
    warnings.push({ code: "schema-flattened", feature: "tools", message });
  }
  return {
    type: "function",
    name,
    inputSchema,
    ...(description !== undefined && { description }),
    ...(strict !== undefined && { strict }),
  };
}

/** Whole numbers in range; what a vendor accepts beyond that is for the vendor to say. */
function checkNumbers(options: CallOptions): void {
  const rules: [name: keyof CallOptions, fits: (value: number) => boolean, rule: string][] = [
    ["temperature", (value) => value >= 0, "0 or more"],
    ["topP", (value) => value >= 0 && value <= 1, "from 0 to 1"],
    ["topK", (value) => value >= 0, "0 or more"],
    ["maxOutputTokens", (value) => Number.isInteger(value) && value >= 1, "a whole number from 1"],
    ["n", (value) => Number.isInteger(value) && value >= 1, "a whole number from 1"],
    ["seed", Number.isInteger, "a whole number"],
    ["presencePenalty", Number.isFinite, "a number"],
    ["frequencyPenalty", Number.isFinite, "a number"],
    ["timeoutMs", (value) => value > 0, "above 0"],
  ];
  for (const [name, fits, rule] of rules) {
    const value = options[name];
    if (value !== undefined && !(typeof value === "number" && fits(value))) {
      throw new LlmError("invalid-request", `${name} must be ${rule}; it is ${JSON.stringify(value)}.`);
    }
  }
}

function checkToolChoice({ toolChoice, tools }: ChatCall): void {
  if (toolChoice === undefined || toolChoice === "auto" || toolChoice === "none") return;
  if (tools.length === 0) throw new LlmError("invalid-request", `toolChoice is ${JSON.stringify(toolChoice)}, but there are no tools.`);
  if (toolChoice === "required") return;
  if (!tools.some((tool) => tool.name === toolChoice.toolName)) {
    throw new LlmError(
      "invalid-request",
      `toolChoice names the tool ${JSON.stringify(toolChoice.toolName)}, which is not among the tools.`,
    );
  }
}

/** The messages with one more instruction in front, for features that are asked for in words. */
export function withInstruction(messages: readonly Message[], instruction: string): Message[] {
  return [{ role: "system", content: instruction }, ...messages];
}
