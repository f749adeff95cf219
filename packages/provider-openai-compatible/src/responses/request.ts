import type { CallFunction, ChatCall, ProviderTool } from "@plurivox/core/provider";
import type OpenAI from "openai";
import type { Host } from "../compat.ts";
import { applyOptions, RESPONSES_OPTIONS, type OpenAiWireOptions } from "../options.ts";
import { instructionRole, isKnownToReason, withJsonWord } from "../request.ts";
import { toNamedSchema } from "../schema.ts";
import { toInput } from "./input.ts";

type Params = OpenAI.Responses.ResponseCreateParams;
type Includable = OpenAI.Responses.ResponseIncludable;

/** A body of the responses wire. Fields that are undefined are not sent. */
export type ResponsesRequest = Params & Record<string, unknown>;

/**
 * Nothing is stored unless the call asks for it or goes on from something stored, so reasoning comes encrypted and is sent back: the history
 * is the caller's alone.
 */
export function toResponsesRequest(call: ChatCall, host: Host): ResponsesRequest {
  const options = call.providerOptions as OpenAiWireOptions;
  const { logprobs, output } = call;
  const stateful = options.store ?? [options.previousResponseId, options.conversation, options.background].some(Boolean);
  const reasons = isKnownToReason(call.model, host, "responses");
  const messages = output !== undefined && output.schema === undefined ? withJsonWord(call.messages) : call.messages;
  const body: ResponsesRequest = {
    ...host.compat.extraBody,
    model: call.deployment ?? call.model,
    input: toInput(messages, host, { instructions: instructionRole(host, reasons), stored: stateful }) as Params["input"],
    tools: call.tools.length === 0 ? undefined : call.tools.map((tool) => toTool(tool, host)),
    tool_choice: toToolChoice(call),
    parallel_tool_calls: call.parallelToolCalls,
    text: output === undefined ? undefined : { format: toFormat(output, host) },
    max_output_tokens: call.maxOutputTokens,
    temperature: call.temperature,
    top_p: call.topP,
    top_logprobs: typeof logprobs === "number" ? logprobs : undefined,
    include: toInclude(options.include, reasons, logprobs),
    reasoning: call.reasoning === undefined ? undefined : { effort: call.reasoning.effort, summary: call.reasoning.summary },
    store: stateful ? undefined : false,
    user: call.user,
    metadata: call.metadata,
    prompt_cache_key: typeof call.cache === "object" ? call.cache.key : undefined,
    stream: call.stream ? true : undefined,
  };
  applyOptions(body, options, RESPONSES_OPTIONS);
  return body;
}

/** Models that do not reason refuse to be asked for encrypted reasoning, so only those known to reason are. */
function toInclude(asked: readonly string[] = [], reasons: boolean, logprobs: ChatCall["logprobs"]): Includable[] | undefined {
  const include = new Set(asked);
  if (reasons) include.add("reasoning.encrypted_content");
  if (logprobs !== undefined && logprobs !== false) include.add("message.output_text.logprobs");
  return include.size === 0 ? undefined : ([...include] as Includable[]);
}

/** This wire's default is strict; ours is not, so it is always said. */
function toTool(tool: CallFunction | ProviderTool, host: Host): OpenAI.Responses.Tool {
  if (tool.type === "provider") return { type: tool.name, ...tool.options } as OpenAI.Responses.Tool;
  const { name, description, inputSchema: parameters, strict = false } = tool;
  return { type: "function", name, description, parameters, ...(host.compat.strict && { strict }) } as OpenAI.Responses.FunctionTool;
}

function toToolChoice({ toolChoice, tools }: ChatCall): Params["tool_choice"] {
  if (typeof toolChoice !== "object") return tools.length === 0 ? undefined : toolChoice;
  const { toolName } = toolChoice;
  const tool = tools.find((candidate) => candidate.name === toolName);
  if (tool?.type !== "provider") return { type: "function", name: toolName };
  const { name, server_label } = tool.options ?? {};
  return { type: tool.name, name, server_label } as unknown as Params["tool_choice"];
}

function toFormat(output: NonNullable<ChatCall["output"]>, { compat }: Host): OpenAI.Responses.ResponseFormatTextConfig {
  return output.schema === undefined ? { type: "json_object" } : { type: "json_schema", ...toNamedSchema(output, compat) };
}
