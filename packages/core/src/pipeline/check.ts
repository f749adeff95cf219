import { LlmError } from "../error.ts";
import { mediaKind } from "../media/source.ts";
import type { UserPart } from "../message/types.ts";
import type { ChatCall, ReasoningEffort, Warning } from "../model/chat.ts";
import type { UnsupportedPolicy } from "../model/policy.ts";
import type { JsonSchema, OutputMode } from "../model/tool.ts";
import type { Feature } from "../provider/capabilities.ts";
import { withInstruction } from "./prepare.ts";
import { canStopReasoning, dropped, isRefused, missingOption, needing, reasoningOff, unsupported, type Place } from "./refusals.ts";

export interface Checked {
  call: ChatCall;
  warnings: Warning[];
  supported: Feature[];
  emulated: Feature[];
  /** The tool through which the model gives its answer. */
  answerTool: string | undefined;
  /**
   * Tools whose optional fields may come as null, because their schemas were made strict: the
   * schemas as they were.
   */
  widened?: ReadonlyMap<string, JsonSchema>;
}

interface Use {
  feature: Feature;
  /** Without it the answer would be to another question; the others only tune. */
  meaning?: true;
  used(call: ChatCall): boolean;
  without(call: ChatCall): ChatCall;
}

const EFFORTS: readonly ReasoningEffort[] = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];

/** Every feature that a call can use, in one table. */
const USES: readonly Use[] = [
  {
    feature: "tools",
    meaning: true,
    used: (call) => call.tools.length > 0,
    without: (call) => withoutToolSettings({ ...call, tools: [] }),
  },
  { feature: "toolChoice", meaning: true, used: (call) => isForced(call), without: (call) => omit(call, "toolChoice") },
  option("parallelToolCalls"),
  media("imageInput", "image"),
  media("documentInput", "document"),
  media("audioInput", "audio"),
  {
    feature: "reasoning",
    used: (call) => call.reasoning !== undefined && call.reasoning.effort !== "none",
    without: (call) => omit(call, "reasoning"),
  },
  { feature: "reasoningBudget", used: (call) => call.reasoning?.budgetTokens !== undefined, without: withoutBudget },
  option("temperature"),
  option("topP"),
  option("topK"),
  option("stopSequences"),
  option("seed"),
  { feature: "n", meaning: true, used: (call) => (call.n ?? 1) > 1, without: (call) => omit(call, "n") },
  option("presencePenalty"),
  option("frequencyPenalty"),
  option("logprobs"),
  option("cache"),
  option("user"),
  option("metadata"),
];

/** Data against data: what the call uses against what the model's table refuses. Throws `unsupported`, or drops and warns, by policy. */
export function checkChat(prepared: ChatCall, outputMode: OutputMode, place: Place, policy: UnsupportedPolicy | undefined): Checked {
  const call = prepared.tools.length > 0 ? prepared : withoutToolSettings(prepared);
  const checked: Checked = { call, warnings: [], supported: [], emulated: [], answerTool: undefined };
  checkVendorTools(prepared, place);
  for (const { feature, meaning, used, without } of USES) {
    if (!used(checked.call)) continue;
    const missing = missingOption(feature, checked.call, place);
    if (missing !== undefined) {
      checked.call = without(checked.call);
      checked.warnings.push(needing(missing, feature, place));
      continue;
    }
    if (!isRefused(feature, checked.call, place)) {
      checked.supported.push(feature);
      continue;
    }
    const action = policy ?? (meaning ? "error" : "warn");
    if (action === "emulate" && meaning && canStopReasoning(feature, checked.call, place)) {
      checked.call = { ...checked.call, reasoning: { effort: "none" } };
      checked.warnings.push(reasoningOff(feature, place));
      checked.supported.push(feature);
      continue;
    }
    if (action === "error" || (action === "emulate" && meaning)) throw unsupported(feature, checked.call, place);
    const warning = dropped(feature, checked.call, place);
    checked.call = without(checked.call);
    if (action !== "ignore") checked.warnings.push(warning);
  }
  roundEffort(checked, place);
  checkOutput(checked, outputMode, place, policy);
  return checked;
}

function option<Name extends Feature & keyof ChatCall>(feature: Name): Use {
  return { feature, used: (call) => call[feature] !== undefined, without: (call) => omit(call, feature) };
}

function media(feature: Feature, kind: string): Use {
  const has = (call: ChatCall) =>
    call.messages.some(
      (message) =>
        message.role === "user" &&
        typeof message.content !== "string" &&
        message.content.some((part) => part.type !== "text" && mediaKind(part) === kind),
    );
  return {
    feature,
    meaning: true,
    used: has,
    without: (call) => ({
      ...call,
      messages: call.messages.map((message) =>
        message.role === "user" && typeof message.content !== "string"
          ? { ...message, content: withoutKind(message.content, kind) }
          : message,
      ),
    }),
  };
}

/** What is left of a message; a message of nothing else says what is missing. */
function withoutKind(content: readonly UserPart[], kind: string): UserPart[] {
  const left = content.filter((part) => part.type === "text" || mediaKind(part) !== kind);
  return left.length > 0 ? left : [{ type: "text", text: `(Here was a file, of kind "${kind}", which this model cannot read.)` }];
}

function withoutBudget(call: ChatCall): ChatCall {
  const { budgetTokens: _, ...reasoning } = call.reasoning ?? {};
  return { ...call, reasoning };
}

function omit(call: ChatCall, name: keyof ChatCall): ChatCall {
  const { [name]: _, ...rest } = call;
  return rest as ChatCall;
}

/** Vendors refuse them where there are no tools, and they mean nothing there. */
function withoutToolSettings(call: ChatCall): ChatCall {
  return omit(omit(call, "toolChoice"), "parallelToolCalls");
}

function isForced({ toolChoice }: ChatCall): boolean {
  return toolChoice === "required" || typeof toolChoice === "object";
}

/** A tool that a vendor runs is that vendor's alone. */
function checkVendorTools({ tools }: ChatCall, { provider, model }: Place): void {
  for (const tool of tools) {
    if (tool.type === "provider" && tool.provider !== provider) {
      throw new LlmError("unsupported", `The tool "${tool.name}" is run by "${tool.provider}", not here.`, {
        provider,
        model,
        hint: "Remove it, or call that provider.",
      });
    }
  }
}

/** To the nearest effort that the model takes, the higher one where two are as near. */
function roundEffort(checked: Checked, { family, provider, model }: Place): void {
  const asked = checked.call.reasoning?.effort;
  const { efforts } = family ?? {};
  if (asked === undefined || efforts === undefined || efforts.length === 0 || efforts.includes(asked)) return;
  const distance = (effort: ReasoningEffort) => Math.abs(EFFORTS.indexOf(effort) - EFFORTS.indexOf(asked));
  const nearest = efforts.reduce((best, effort) => (distance(effort) <= distance(best) ? effort : best));
  checked.call = { ...checked.call, reasoning: { ...checked.call.reasoning, effort: nearest } };
  checked.warnings.push({
    code: "rounded",
    feature: "reasoning",
    provider,
    message: `${model} has no reasoning effort "${asked}"; "${nearest}" is used.`,
  });
}

/** Structured output falls from the vendor's own to a tool that the model has to call, and from there to words, which is why the answer is checked in any case. */
function checkOutput(checked: Checked, mode: OutputMode, place: Place, policy: UnsupportedPolicy | undefined): void {
  const { output } = checked.call;
  if (output === undefined) return;
  const feature: Feature = output.schema === undefined ? "jsonMode" : "structuredOutput";
  const refused = isRefused(feature, checked.call, place);
  if (!refused && (mode === "auto" || mode === "native")) {
    checked.supported.push(feature);
    return;
  }
  if (refused && (mode === "native" || policy === "error")) throw unsupported(feature, checked.call, place);
  const tools = !isRefused("tools", checked.call, place) && !isRefused("toolChoice", checked.call, place);
  if (mode === "tool" && !tools) throw unsupported("tools", checked.call, place);
  const byTool = mode === "tool" || (mode === "auto" && output.schema !== undefined && tools);
  if (byTool) askByTool(checked, output);
  else checked.call = omit({ ...checked.call, messages: withInstruction(checked.call.messages, jsonInstruction(output.schema)) }, "output");
  checked.emulated.push(feature);
  if (!refused || policy === "ignore") return;
  const how = byTool ? "the model answers by calling a tool" : "the model is asked for JSON in words";
  checked.warnings.push({
    code: "emulated",
    feature,
    provider: place.provider,
    message: `${place.model} has no ${feature} of its own here; ${how}.`,
  });
}

/** A tool whose input is the answer. Among other tools the model may call those first. */
function askByTool(checked: Checked, output: NonNullable<ChatCall["output"]>): void {
  const { tools } = checked.call;
  let { name } = output;
  while (tools.some((tool) => tool.name === name)) name += "_";
  const inputSchema = output.schema ?? { type: "object", additionalProperties: true };
  const answer = {
    type: "function" as const,
    name,
    description: "Gives the final answer. Call it once, with the whole answer.",
    inputSchema,
  };
  const toolChoice = tools.length === 0 ? { toolName: name } : ("required" as const);
  checked.call = omit({ ...checked.call, tools: [...tools, answer], toolChoice }, "output");
  checked.answerTool = name;
}

function jsonInstruction(schema: object | undefined): string {
  const rule = "Answer with one JSON value and nothing else: no explanation, no Markdown.";
  return schema === undefined ? rule : `${rule} It must be valid against this JSON Schema:\n${JSON.stringify(schema)}`;
}
