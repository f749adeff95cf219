import { LlmError } from "../error.ts";
import type { ChatCall, Warning } from "../model/chat.ts";
import type { UnsupportedPolicy } from "../model/policy.ts";
import type { JsonSchema, OutputMode } from "../model/tool.ts";
import type { ChatAdapter } from "../provider/contract.ts";
import { once } from "../provider/define.ts";
import type { Strictness } from "../provider/rules.ts";
import type { Checked } from "./check.ts";
import type { Place } from "./refusals.ts";

/** Loaded by the first call with a schema that is to be strict. */
const closer = once(() => import("../output/strict.ts"));

interface Holding {
  outputMode: OutputMode;
  strictOutput: boolean;
  place: Place;
  policy: UnsupportedPolicy | undefined;
  /** Checks the call again, at a place that can do less. */
  check(place: Place): Checked;
  load(): Promise<Pick<ChatAdapter, "strictness">>;
}

/**
 * The call with its schemas as the vendor can hold a model to them. What was asked to be strict and
 * cannot be is a `schema` error before anything is sent; what is only strict by default is sent as
 * it is, with a warning. Each says what is in the way, by its path.
 */
export async function holdToSchemas(checked: Checked, holding: Holding): Promise<Checked> {
  const { output } = checked.call;
  if (output?.schema === undefined && !checked.call.tools.some(({ type }) => type === "function")) return checked;
  const { strictness } = await holding.load();
  if (strictness === undefined) return checked;
  const { toStrict } = await closer();
  const holder = new Holder(holding, strictness, toStrict);
  const held = holder.output(checked);
  const call: ChatCall = { ...held.call, tools: held.call.tools.map((tool) => holder.tool(tool, held.answerTool)) };
  return { ...held, call, widened: holder.widened, warnings: [...held.warnings, ...holder.warnings] };
}

type ToStrict = Awaited<ReturnType<typeof closer>>["toStrict"];

class Holder {
  readonly warnings: Warning[] = [];
  readonly widened = new Map<string, JsonSchema>();
  readonly #holding: Holding;
  readonly #strictness: Strictness;
  readonly #toStrict: ToStrict;

  constructor(holding: Holding, strictness: Strictness, toStrict: ToStrict) {
    this.#holding = holding;
    this.#strictness = strictness;
    this.#toStrict = toStrict;
  }

  output(checked: Checked): Checked {
    const { output } = checked.call;
    const { place, strictOutput, outputMode } = this.#holding;
    const rules = this.#strictness(place.model, "output");
    if (output?.schema === undefined || rules === undefined) return checked;
    const as = (changes: object): Checked => ({ ...checked, call: { ...checked.call, output: { ...output, ...changes } } });
    if (rules === false) {
      if (strictOutput) this.#lacks("the output");
      return as({ strict: false });
    }
    if (!output.strict && !rules.always) return checked;
    const { schema, open } = this.#toStrict(output.schema, rules);
    if (open.length === 0) return as({ schema });
    const native = rules.always && outputMode === "native";
    if (strictOutput || native) throw this.#refused("the output", open, native ? 'another mode than "native"' : undefined);
    if (output.strict) this.#warn("structuredOutput", `The output is not strict: ${open.join(", ")}. It is checked here.`);
    if (!rules.always) return as({ strict: false });
    const { wire } = place;
    return this.#holding.check({ ...place, wire: { ...wire, capabilities: { ...wire.capabilities, structuredOutput: false } } });
  }

  tool(tool: ChatCall["tools"][number], answerTool: string | undefined): ChatCall["tools"][number] {
    if (tool.type !== "function") return tool;
    const isAnswer = this.#holding.strictOutput && tool.name === answerTool;
    const strict = tool.strict === true || isAnswer;
    const rules = this.#strictness(this.#holding.place.model, "tool");
    if (rules === undefined || !(strict || (rules && rules.always))) return tool;
    const what = isAnswer ? "the output" : `the tool "${tool.name}"`;
    if (rules === false) {
      this.#lacks(what);
      const { strict: _, ...loose } = tool;
      return loose;
    }
    const { schema, open } = this.#toStrict(tool.inputSchema, rules);
    if (open.length > 0 && strict) throw this.#refused(what, open);
    if (rules.optional === "widened") this.widened.set(tool.name, tool.inputSchema);
    return { ...tool, inputSchema: schema, ...(strict && { strict }) };
  }

  #refused(what: string, open: readonly string[], instead = "strict: false"): LlmError {
    const { provider, model } = this.#holding.place;
    return new LlmError("schema", `The schema of ${what} cannot be strict: ${open.join(", ")}.`, {
      provider,
      model,
      hint: `Say there what is allowed, or ask for ${instead}.`,
    });
  }

  /** What is asked of a model that nobody can hold to it. */
  #lacks(what: string): void {
    const { place, policy } = this.#holding;
    const { provider, model } = place;
    const message = `${model} cannot be held to the schema of ${what} here; it is checked when it comes.`;
    if (policy === "error")
      throw new LlmError("unsupported", message, { provider, model, hint: "Leave out strict, or use another model." });
    if (policy !== "ignore") this.#warn(what === "the output" ? "structuredOutput" : "tools", message);
  }

  #warn(feature: string, message: string): void {
    this.warnings.push({ code: "not-strict", feature, provider: this.#holding.place.provider, message });
  }
}
