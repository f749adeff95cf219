import type { ChatDelta, ErrorKind } from "@plurivox/core/provider";
import { changed, mapped, streamed, withChat, type Decoder, type Defect } from "./breaking.ts";

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

/** Ends a call as soon as a reader that closes what is open could read its input. */
function endEarly(): (delta: ChatDelta) => ChatDelta[] {
  const texts = new Map<Tool["part"], string>();
  const ended = new Set<Tool["part"]>();
  return (delta) => {
    if (delta.type !== "tool-call") return [delta];
    const { part } = delta;
    if (ended.has(part)) return [];
    const text = (texts.get(part) ?? "") + (delta.inputText ?? "");
    texts.set(part, text);
    try {
      const input: unknown = JSON.parse(text.endsWith("}") ? text : `${text}}`);
      ended.add(part);
      return [{ ...delta, input, end: true }];
    } catch {
      return [delta];
    }
  };
}

/** Holds everything back until the answer is complete. */
function buffer(): (delta: ChatDelta) => ChatDelta[] {
  const held: ChatDelta[] = [];
  return (delta) => {
    held.push(delta);
    return delta.type === "finish" || delta.type === "end" || delta.type === "error" ? held.splice(0) : [];
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
      "concurrent-1000",
      "keep-alive",
      "timeout-idle",
      "reasoning-tags",
      "output-optional",
      "retry-mid-stream",
      "fallback",
      "fallback-restart",
      "habits",
      "prototype-keys",
      "deep-nesting",
      "tool-loop",
      "tool-loop-errors",
      "tool-loop-history",
      "tool-loop-generator",
      "tool-loop-approvals",
      "tool-loop-paused",
      "output-repair",
      "output-objects",
      "choices",
      "half-characters",
      "output-cut",
      "unknown-end-counts",
    ],
  },
  {
    what: "swaps the inputs of two streamed tool calls",
    breaks: (sound) => streamed(sound, swapInputs),
    fails: [
      "unknown-fields",
      "tool-calls-parallel",
      "tool-call-after-text",
      "tool-input-not-json",
      "tool-results",
      "events",
      "tool-loop",
      "tool-loop-errors",
      "tool-loop-history",
      "tool-loop-paused",
      "tool-loop-forged",
      "other-framing",
    ],
  },
  {
    what: "takes the input of a call for complete as soon as it could be",
    breaks: (sound) => streamed(sound, endEarly),
    fails: [
      "unknown-fields",
      "tool-call",
      "tool-input-in-pieces",
      "tool-calls-parallel",
      "tool-call-after-text",
      "tool-results",
      "habits",
      "events",
      "tool-loop",
      "tool-loop-history",
      "tool-loop-paused",
      "tool-loop-forged",
      "output-by-tool",
      "output-by-tool-among-tools",
      "other-framing",
    ],
  },
  {
    what: "copies whole answers by writing them as JSON",
    breaks: (sound) =>
      withChat(sound, ({ fromResponse }) => ({ fromResponse: (reply) => fromResponse(JSON.parse(JSON.stringify(reply))) })),
    fails: ["deep-nesting"],
  },
  {
    what: "looks a word of the vendor's up in what every object has",
    breaks: (sound) => ({
      provider: {
        ...sound,
        errorFacts(from) {
          const facts = sound.errorFacts(from);
          const kinds: Partial<Record<string, ErrorKind>> = {};
          return { ...facts, kind: facts.kind ?? kinds[facts.code ?? ""] };
        },
      },
    }),
    fails: ["prototype-keys"],
  },
  {
    what: "hands nothing over before it has everything, so that a stream that broke off seems not to have begun",
    breaks: (sound) => streamed(sound, buffer),
    fails: [
      "retry-mid-stream",
      "fallback-restart",
      "stream-cut-cleanly",
      "stream-cut-by-reset",
      "stream-malformed-json",
      "tee",
      "break",
      "cancel",
      "dispose",
      "abort",
      "slow-reader",
      "timeout-idle",
      "no-listener-left",
      "no-unhandled-rejection",
      "no-key-anywhere",
      "tool-loop-abort",
      "output-objects",
    ],
  },
  {
    what: "loses the usage",
    breaks: (sound) => mapped(sound, (delta) => (delta.type === "usage" ? [] : [delta])),
    fails: ["usage", "usage-cumulative", "usage-after-finish", "habits", "tool-loop", "choices"],
  },
  {
    what: "counts what is unknown as 0",
    breaks: (sound) =>
      mapped(sound, (delta) =>
        delta.type === "metadata" ? [delta, { type: "usage", usage: { inputTokens: 0, outputTokens: 0 } }] : [delta],
      ),
    fails: ["optional-fields-absent", "usage-absent"],
  },
  {
    what: "ends silently when a stream is cut",
    breaks: (sound) =>
      withChat(sound, ({ fromStream }) => ({
        fromStream: () => changed(fromStream(), { end: () => [{ type: "finish", finishReason: "stop" }] }),
      })),
    fails: [
      "finish-reasons",
      "finish-reason-unknown",
      "stream-cut-cleanly",
      "stream-cut-inside-an-event",
      "retry-mid-stream",
      "fallback",
      "fallback-restart",
      "no-listener-left",
      "no-key-anywhere",
      "prototype-keys",
      "cut-calls-do-not-run",
      "deep-nesting",
      "finish-reasons-in-any-case",
      "output-cut",
      "unknown-end-counts",
    ],
  },
  {
    what: "reads only events that have a name",
    breaks: (sound) =>
      withChat(sound, ({ fromStream }) => ({
        fromStream(): Decoder {
          const decoder = fromStream();
          return changed(decoder, { event: (chunk, name) => (name === undefined ? [] : decoder.event(chunk, name)) });
        },
      })),
    fails: ["stream-no-event-names", "habits"],
  },
  {
    what: "loses what the vendor wants back of its reasoning",
    breaks: (sound) => mapped(sound, (delta) => (delta.type === "reasoning" ? [{ ...delta, providerMetadata: undefined }] : [delta])),
    fails: ["reasoning-round-trip", "reasoning-redacted", "tool-loop-history"],
  },
  {
    what: "promises a setting and does not send it",
    breaks: (sound) => withChat(sound, ({ toRequest }) => ({ toRequest: (call) => toRequest({ ...call, stopSequences: undefined }) })),
    fails: ["settings", "capabilities-true"],
  },
  {
    what: "does not say what an error means",
    breaks: (sound) => ({ provider: { ...sound, errorFacts: () => ({}) } }),
    fails: ["error-kinds"],
  },
];
