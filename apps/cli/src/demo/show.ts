import { inspect } from "node:util";
import type { CallOptions, ChatResult, LLM, Message } from "plurivox";
import { ask, exitCodeOf } from "../ask.ts";
import type { Output } from "../output.ts";
import type { Demo } from "./server.ts";
import { SCENES, type Scene } from "./script.ts";

/** Labels what follows as a demo. */
export function announce({ url }: Demo, out: Output): void {
  out.error(`DEMO: no API key was found, so a mock of the vendors' wires runs in this process, at ${url}.`, ["bold", "yellow"]);
  out.error("Its answers and token counts are made up; the providers, the requests and the streams are real.", "yellow");
}

/** Shows every scene with every provider. Resolves with the exit code: it ends at the first failure or Ctrl-C. */
export async function show(demo: Demo, out: Output): Promise<number> {
  for (const provider of demo.providers) {
    const llm = demo.llm(provider);
    for (const scene of SCENES) {
      out.note(`\n${llm.label}: ${scene.title}`, "bold");
      const code = await play(llm, scene, out);
      if (code !== 0) return code;
    }
  }
  return 0;
}

async function play(llm: LLM, scene: Scene, out: Output): Promise<number> {
  out.note(`› ${scene.prompt}`);
  const messages: Message[] = [{ role: "user", content: scene.prompt }];
  const call: CallOptions = {
    ...(scene.reasons && { reasoning: "low" as const }),
    ...(scene.tool !== undefined && { tools: [scene.tool.schema] }),
    ...(scene.schema !== undefined && { output: scene.schema }),
  };
  const first = await ask(llm, messages, { call }, out);
  if (first.error !== undefined) return exitCodeOf(first);
  if (scene.schema !== undefined) out.note(`← as data: ${inspect(first.result.output, { breakLength: Infinity })}`, "cyan");
  if (scene.tool === undefined) return exitCodeOf(first);
  return exitCodeOf(
    await ask(llm, [...messages, ...first.result.messages, toolResults(first.result, scene.tool.output, out)], { call }, out),
  );
}

/** Plays the tool: the message that answers the model's calls. */
function toolResults({ toolCalls }: ChatResult, output: unknown, out: Output): Message {
  for (const { toolName } of toolCalls) out.note(`← ${toolName}: ${JSON.stringify(output)}`, "cyan");
  return { role: "tool", content: toolCalls.map(({ toolCallId, toolName }) => ({ type: "tool-result", toolCallId, toolName, output })) };
}

/** What to do for real answers. */
export function hint(variables: readonly string[], out: Output): void {
  out.note(`\nFor real answers set ${variables.join(" or ")}, in the environment or in .env, and run the same command again.`, "yellow");
}

/** What the demo can answer, for whoever takes over now. */
export function suggest(demo: Demo, out: Output): void {
  out.note(`\nYour turn. Ask "${SCENES[0]!.prompt}" or anything else; /model ${demo.llm(demo.providers.at(-1)).label} changes over.`);
}
