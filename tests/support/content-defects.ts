import type { ChatDelta } from "@plurivox/core/provider";
import { mapped, streamed, withChat, type Decoder, type Defect } from "./breaking.ts";

type Tool = Extract<ChatDelta, { type: "tool-call" }>;

/** Holds each text back until the next content, and forgets the last. */
function dropLastText(): (delta: ChatDelta) => ChatDelta[] {
  let held: ChatDelta[] = [];
  return (delta) => {
    if (delta.type !== "text" && delta.type !== "tool-call") return [delta];
    const before = held;
    held = delta.type === "text" ? [delta] : [];
    return delta.type === "text" ? before : [...before, delta];
  };
}

/** Gives the first call the input of the second, and the other way round. */
function swapInputs(): (delta: ChatDelta) => ChatDelta[] {
  const calls: Tool[] = [];
  return (delta) => {
    if (delta.type === "tool-call") {
      calls.push(delta);
      return [];
    }
    if (delta.type !== "finish") return [delta];
    const parts = [...new Set(calls.map(({ part }) => part))];
    const other = (part: Tool["part"]) => (parts.length < 2 ? part : part === parts[0] ? parts[1] : part === parts[1] ? parts[0] : part);
    const named = calls.filter(({ toolName }) => toolName !== undefined);
    const inputs = calls.filter(({ toolName }) => toolName === undefined).map((call) => ({ ...call, part: other(call.part) }));
    return [...named, ...inputs, delta];
  };
}

/** Mistakes in what is said. */
export const CONTENT_DEFECTS: readonly Defect[] = [
  {
    what: "drops the last delta of a stream",
    breaks: (sound) => streamed(sound, dropLastText),
    fails: [
      "text",
      "text-markers",
      "multi-turn",
      "unicode-split-at-every-byte",
      "tool-results",
      "usage-cumulative",
      "usage-after-finish",
      "finish-reason-unknown",
      "reasoning",
      "reasoning-redacted",
      "output-native",
      "output-json",
      "output-invalid",
      "refusal",
      "refusal-of-output",
      "retry",
      "odd-content-type",
      "stream-10-mb-event",
      "stream-terminator-missing",
      "stream-cut-cleanly",
      "stream-cut-by-reset",
      "stream-malformed-json",
      "stream-error",
      "break",
      "abort",
      "concurrent",
      "timeout-idle",
    ],
  },
  {
    what: "swaps the inputs of two streamed tool calls",
    breaks: (sound) => streamed(sound, swapInputs),
    fails: ["unknown-fields", "tool-calls-parallel", "tool-call-after-text", "tool-input-not-json", "tool-results", "events"],
  },
  {
    what: "loses the usage",
    breaks: (sound) => mapped(sound, (delta) => (delta.type === "usage" ? [] : [delta])),
    fails: ["usage", "usage-cumulative", "usage-after-finish"],
  },
  {
    what: "counts what is unknown as 0",
    breaks: (sound) =>
      mapped(sound, (delta) =>
        delta.type === "metadata" ? [delta, { type: "usage", usage: { inputTokens: 0, outputTokens: 0 } }] : [delta],
      ),
    fails: ["optional-fields-absent", "usage", "usage-absent", "usage-cumulative", "usage-after-finish"],
  },
  {
    what: "ends silently when a stream is cut",
    breaks: (sound) =>
      withChat(sound, ({ fromStream }) => ({
        fromStream: () => ({ ...fromStream(), end: () => [{ type: "finish", finishReason: "stop" }] }),
      })),
    fails: [
      "finish-reasons",
      "finish-reason-unknown",
      "stream-cut-cleanly",
      "stream-cut-inside-an-event",
      "no-listener-left",
      "no-key-anywhere",
    ],
  },
  {
    what: "reads only events that have a name",
    breaks: (sound) =>
      withChat(sound, ({ fromStream }) => ({
        fromStream(): Decoder {
          const decoder = fromStream();
          return { ...decoder, event: (chunk, name) => (name === undefined ? [] : decoder.event(chunk, name)) };
        },
      })),
    fails: ["stream-no-event-names"],
  },
  {
    what: "loses what the vendor wants back of its reasoning",
    breaks: (sound) => mapped(sound, (delta) => (delta.type === "reasoning" ? [{ ...delta, providerMetadata: undefined }] : [delta])),
    fails: ["reasoning-round-trip", "reasoning-redacted"],
  },
  {
    what: "promises a setting and does not send it",
    breaks: (sound) => withChat(sound, ({ toRequest }) => ({ toRequest: (call) => toRequest({ ...call, stopSequences: undefined }) })),
    fails: ["settings", "capabilities-true"],
  },
  {
    what: "does not say what an error means",
    breaks: (sound) => ({ provider: { ...sound, errorFacts: () => ({}) } }),
    fails: ["error-statuses", "error-kinds", "ok-with-an-error"],
  },
];
