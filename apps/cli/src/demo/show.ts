import { inspect } from "node:util";
import { isLlmError, type ChatEvent, type ChatResult, type ChatStream, type Message } from "plurivox";
import { interruptible } from "../ask.ts";
import type { Output, Style } from "../output.ts";
import type { Demo, DemoWire } from "./server.ts";
import { SCENES, WEATHER, type Scene } from "./script.ts";

/** Labels what follows as a demo. `why`: what was looked for in vain. */
export function announce({ url }: Demo, why: string | undefined, out: Output): void {
  const reason = why === undefined ? "" : `${why}, so `;
  out.error(`DEMO: ${reason}a mock of the vendors' wires runs in this process, at ${url}.`, ["bold", "yellow"]);
  out.error("Its answers and token counts are made up; the providers, the requests and the streams are real.", "yellow");
}

/** One line for every wire, then one for each scene. Resolves with the exit code: it ends at the first failure or Ctrl-C. */
export async function show(demo: Demo, out: Output): Promise<number> {
  return interruptible(async (signal) => {
    try {
      await out.answer(`\n${demo.wires.length} wires, one program: "${WEATHER.prompt}"\n`, "bold");
      for (const wire of demo.wires) await showWire(wire, out, signal);
      await out.answer("\nOn each of them\n", "bold");
      for (const scene of SCENES) await showScene(scene, demo, out, signal);
      return 0;
    } catch (error) {
      if (!isLlmError(error)) throw error;
      out.endAnswer();
      if (error.kind === "aborted") return 130;
      out.error(error.message);
      return 1;
    }
  });
}

async function showWire({ title, llm }: DemoWire, out: Output, signal: AbortSignal): Promise<void> {
  const started = performance.now();
  await begin(title, out);
  const options = { tools: [WEATHER.tool], reasoning: "low" as const, signal };
  const messages: Message[] = [{ role: "user", content: WEATHER.prompt }];
  const first = await tell(llm.stream(messages, options), out);
  const second = await tell(llm.stream([...messages, ...first.messages, toolResults(first)], options), out);
  await end([first, second], started, out);
}

async function showScene({ title, wire, prompt, call }: Scene, demo: Demo, out: Output, signal: AbortSignal): Promise<void> {
  const started = performance.now();
  await begin(title, out);
  const llm = demo.llm(wire);
  const stream = llm.stream(prompt, { ...call, signal });
  if (call?.output === undefined) return end([await tell(stream, out, llm.provider)], started, out);
  const result = await stream.result;
  await out.answer(inspect(result.output, { breakLength: Infinity }), "cyan");
  await end([result], started, out);
}

function begin(title: string, out: Output): Promise<void> {
  return out.answer(`  ${title.padEnd(19)}`);
}

/** Shows an answer as it comes. `asked`: the provider that should give it. */
async function tell(stream: ChatStream, out: Output, asked?: string): Promise<ChatResult> {
  let gap = "";
  for await (const event of stream) {
    const [text, style] = toWords(event, gap, asked);
    if (text !== "") gap = " ";
    await out.answer(text, style);
  }
  return stream.result;
}

function toWords(event: ChatEvent, gap: string, asked: string | undefined): [text: string, style?: Style] {
  switch (event.type) {
    case "text":
      return [event.text];
    case "reasoning":
      return [event.text, "dim"];
    case "tool-call":
      return [`${gap}→ ${event.toolName}(${Object.values(event.input as object).join(", ")}) → `, "cyan"];
    case "retry":
      return [`${gap}✗ ${event.error.status ?? event.error.kind}, again after ${seconds(event.delayMs)} → `, "yellow"];
    case "start":
      return asked === undefined || event.provider === asked ? [""] : [`✗ ${asked} → ${event.provider}: `, "yellow"];
    default:
      return [""];
  }
}

/** Tokens, where the wire told them, and the time. */
async function end(results: readonly ChatResult[], started: number, out: Output): Promise<void> {
  const tokens = results.reduce((sum, { usage }) => sum + (usage.totalTokens ?? 0), 0);
  const facts = [tokens > 0 && `${tokens} tokens`, seconds(performance.now() - started)].filter(Boolean);
  await out.answer(`  ${facts.join(" · ")}`, "dim");
  out.endAnswer();
}

/** Plays the tool: the message that answers the model's calls. */
function toolResults({ toolCalls }: ChatResult): Message {
  const { output } = WEATHER;
  return { role: "tool", content: toolCalls.map(({ toolCallId, toolName }) => ({ type: "tool-result", toolCallId, toolName, output })) };
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

/** What to do next. `command`: how this program was started. */
export function hint(variables: readonly string[], command: string, out: Output): void {
  out.note("\nNext", "bold");
  for (const [what, how] of [
    ["one prompt", `${command} "Why is the sky blue?"`],
    ["a conversation", `${command} -i`],
    ["real answers", `a key in the environment or .env (${variables.join(", ")}),`],
    ["", "or Ollama or LM Studio with a model; then the same command again"],
    ["all options", `${command} --help`],
  ] as const)
    out.note(`  ${what.padEnd(19)}${how}`);
}

/** What the demo can answer, for whoever takes over now. */
export function suggest(demo: Demo, out: Output): void {
  out.note(`\nYour turn. Ask anything; \`/model ${demo.wires.at(4)!.name}\` changes over to another wire.`);
}
