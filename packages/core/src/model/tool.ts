/** A JSON Schema, as plain data. */
export type JsonSchema = Record<string, unknown>;

/** A Standard Schema (object or function with "~standard": zod, valibot, arktype) or JSON Schema. */
export type Schema<T = unknown> =
  | { readonly "~standard": { readonly types?: { readonly output: T } | undefined } }
  | Record<string, unknown>;

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

export type ToolLike = FunctionTool | ProviderTool;

export type ToolChoice = "auto" | "none" | "required" | { toolName: string };

/**
 * What the answer should look like. Told apart in this order: "json"; "~standard"; `schema`; `json_schema` (OpenAI's envelope); else JSON Schema.
 * The answer is parsed and returned as `result.output`.
 */
export type Output<T = unknown> =
  | "json"
  | Schema<T>
  | { schema: Schema<T>; name?: string; strict?: boolean; mode?: OutputMode }
  | { type: "json_schema"; json_schema: { name: string; schema: object; strict?: boolean } };

/** "native": the vendor's own structured output. "prompt": asked for in words. "auto": the best that the model supports. */
export type OutputMode = "auto" | "native" | "prompt";
