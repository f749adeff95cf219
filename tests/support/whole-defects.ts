import type { ChatCall, ChatDelta } from "@plurivox/core/provider";
import { mapped, withChat, type Broken, type Defect } from "./breaking.ts";

type Finish = Extract<ChatDelta, { type: "finish" }>;

/** Every finish delta, streamed and whole. */
function ending(provider: Parameters<Defect["breaks"]>[0], change: (finish: Finish) => Finish): Broken {
  return mapped(provider, (delta) => [delta.type === "finish" ? change(delta) : delta]);
}

function sending(provider: Parameters<Defect["breaks"]>[0], change: (call: ChatCall) => ChatCall): Broken {
  return withChat(provider, ({ toRequest }) => ({ toRequest: (call, found) => toRequest(change(call), found) }));
}

const mapResults = (call: ChatCall, output: (output: unknown, isError: boolean) => unknown): ChatCall => ({
  ...call,
  messages: call.messages.map((message) =>
    message.role === "tool"
      ? {
          ...message,
          content: message.content.map((part) =>
            part.type === "tool-result" ? { ...part, output: output(part.output, part.isError === true) } : part,
          ),
        }
      : message,
  ),
});

/** Mistakes in how an answer ends, and in what is sent as a whole. */
export const WHOLE_DEFECTS: readonly Defect[] = [
  {
    what: "takes every end for a good one",
    breaks: (sound) => ending(sound, (finish) => ({ ...finish, finishReason: "stop" })),
    fails: [
      "finish-reasons",
      "finish-reason-unknown",
      "cut-calls-do-not-run",
      "unknown-end-counts",
      "finish-reasons-in-any-case",
      "complete-is-whole",
      "output-cut",
      "prototype-keys",
    ],
  },
  {
    what: "reads the vendor's words to the letter",
    breaks: (sound) =>
      ending(sound, (finish) =>
        finish.rawFinishReason === finish.rawFinishReason?.toLowerCase() ? finish : { ...finish, finishReason: "other" },
      ),
    fails: ["finish-reasons-in-any-case"],
  },
  {
    what: "takes a word that it does not know for a failure",
    breaks: (sound) =>
      ending(sound, (finish) =>
        /^(made_up_reason|constructor|__proto__|toString)$/.test(finish.rawFinishReason ?? "")
          ? { ...finish, finishReason: "error" }
          : finish,
      ),
    fails: ["finish-reason-unknown", "unknown-end-counts", "prototype-keys"],
  },
  {
    what: "writes files of results as text",
    breaks: (sound) =>
      sending(sound, (call) => mapResults(call, (output) => (typeof output === "string" ? output : JSON.stringify(output)))),
    fails: ["tool-result-picture"],
  },
  {
    what: "leaves out what went wrong with a call",
    breaks: (sound) => sending(sound, (call) => mapResults(call, (output, isError) => (isError ? "" : output))),
    fails: ["history-mended", "tool-results", "tool-loop-errors", "tool-loop-approvals", "tool-loop-paused"],
  },
  {
    what: "keeps of a tool's schema only what is required",
    breaks: (sound) =>
      sending(sound, (call) => ({
        ...call,
        tools: call.tools.map((tool) =>
          tool.type === "function" ? { ...tool, inputSchema: { type: "object", required: tool.inputSchema["required"] } } : tool,
        ),
      })),
    fails: ["tool-definitions", "tool-schema-bare", "output-by-tool"],
  },
];
