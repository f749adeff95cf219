import { abortedError } from "../error.ts";
import { link } from "../http/signals.ts";
import type { CallOptions, ChatResult, ToolResult } from "../model/chat.ts";
import type { ToolLike } from "../model/tool.ts";
import { ignore } from "../stream/handover.ts";
import { isWhole } from "../stream/finish.ts";
import { createSigner } from "../tools/approval.ts";
import { runJobs } from "../tools/jobs.ts";
import { isRunnable, runsHere } from "../tools/loop.ts";
import { currentDepth } from "../tools/scope.ts";
import { validInput } from "./output.ts";

/** The calls of a result's last step that have no result, run as the loop would run them; nobody reads events. */
export async function runCalls(result: ChatResult, tools: readonly ToolLike[], options: CallOptions): Promise<ToolResult[]> {
  const { toolCalls, toolResults, finishReason } = result.steps.at(-1) ?? result;
  // Calls of an answer that is not whole never run.
  if (!isWhole(finishReason)) return [];
  const stop = new AbortController();
  const unlink = link(options.signal, stop, ({ reason }) => abortedError(reason));
  const turn = toolCalls.filter(({ providerExecuted }) => providerExecuted !== true);
  const open = turn.filter((call) => !toolResults.some(({ toolCallId }) => toolCallId === call.toolCallId));
  try {
    stop.signal.throwIfAborted();
    const { results } = await runJobs(
      open.filter((call) => runsHere(call, { tools: [...tools] })),
      {
        ...options,
        approvals: "reject",
        tools: tools.filter(isRunnable),
        messages: result.messages,
        signal: stop.signal,
        emit: ignore,
        depth: currentDepth(),
        attended: () => false,
        signer: createSigner(),
        turn,
        validate: validInput,
      },
    );
    return results;
  } finally {
    unlink();
  }
}
