import type { ToolCall } from "../error.ts";
import type { Message } from "../message/types.ts";

/** A JSON Schema, as plain data. */
export type JsonSchema = Record<string, unknown>;

/** A Standard Schema (object or function with "~standard": zod, valibot, arktype) or JSON Schema. */
export type Schema<T = unknown> =
  | { readonly "~standard": { readonly types?: { readonly output: T } | undefined } }
  | Record<string, unknown>;

/** What a running tool knows beside its input. */
export interface ToolRun {
  toolCallId: string;
  /** What the caller gave as `toolContext`; the model never sees it. */
  // oxlint-disable-next-line typescript/no-explicit-any -- only the caller knows its type, and both ends are the caller's
  toolContext: any;
  /** Aborted when the call ends, or the tool's time is up. */
  signal: AbortSignal;
  /** 1 for a tool of the program's own chat, 2 for one of a chat that such a tool holds, … */
  depth: number;
  /** The conversation so far, the call included. */
  messages: readonly Message[];
  /** Asks whoever may decide, in the middle of the work; false where nobody can. */
  approve(reason?: string): Promise<boolean>;
}

/** What `tool()` takes. The generators' yields become `tool-stream` events, what they return is the result. */
export interface ToolDefinition<Input, Result> {
  name: string;
  description?: string;
  /** Says what the model may pass, checks it, and gives `execute` its type. */
  input: Schema<Input>;
  /** Whether a call has to be approved before it runs. Default: no. */
  approval?: boolean | ((input: Input) => boolean | Promise<boolean>);
  /** Milliseconds. Default: the call's `toolTimeoutMs`, or none. */
  timeoutMs?: number;
  /** The model's input follows the schema to the letter, where the vendor can enforce that. */
  strict?: boolean;
  /** Absent: calls are returned, not run. */
  execute?: (input: Input, run: ToolRun) => Result | Promise<Result> | Generator<unknown, Result> | AsyncGenerator<unknown, Result>;
}

/** A tool that runs here. Make it with `tool()`. */
export interface Tool<Input = unknown, Result = unknown> {
  readonly name: string;
  readonly description?: string;
  readonly input: Schema;
  readonly approval?: boolean | ((input: never) => boolean | Promise<boolean>);
  readonly timeoutMs?: number;
  readonly strict?: boolean;
  readonly execute?: (input: never, run: ToolRun) => unknown;
  /** Only for types. */
  readonly _types?: { input: Input; output: Result };
}

/** A function schema as OpenAI writes it: sent to the model, its calls are returned and not run. */
export interface FunctionTool {
  type: "function";
  function: { name: string; description?: string; parameters?: object; strict?: boolean };
}

/** A tool that the vendor itself runs. `name` and `options` are the vendor's. */
export interface ProviderTool {
  type: "provider";
  provider: string;
  name: string;
  options?: Record<string, unknown>;
}

export type ToolLike = Tool | FunctionTool | ProviderTool;

export type ToolChoice = "auto" | "none" | "required" | { toolName: string };

/** Says of a call whether it has to be approved. */
export type ApprovalRule = (call: ToolCall) => boolean | Promise<boolean>;

/** A decision on a call. */
export type Decision = boolean | { approved: boolean; reason?: string };

/**
 * What the answer should look like. Told apart in this order: "json"; "~standard"; `schema`; `json_schema` (OpenAI's envelope); else JSON Schema.
 * The answer is parsed, validated unless `validate` is false, and returned as `result.output`. `repair`: one more round in which the model is told what is wrong.
 */
export type Output<T = unknown> =
  | "json"
  | Schema<T>
  | { schema: Schema<T>; name?: string; strict?: boolean; mode?: OutputMode; validate?: boolean; repair?: boolean }
  | { type: "json_schema"; json_schema: { name: string; schema: object; strict?: boolean } };

/** "native": the vendor's own structured output. "tool": the input of a tool that the model must call. "prompt": asked for in words. "auto": the best that the model supports. */
export type OutputMode = "auto" | "native" | "tool" | "prompt";
