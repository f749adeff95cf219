// An event is told by its `type`, and then holds just what that type has.
import {
  llm,
  type ChatEvent,
  type ChatResult,
  type ChatStream,
  type FinishReason,
  type LlmError,
  type Usage,
  type Warning,
} from "plurivox";
import { is, type IsAny, type Same } from "./assert.ts";

const stream = llm().stream("");
is<Same<typeof stream, ChatStream>>();
is<Same<IsAny<typeof stream>, false>>();

for await (const event of stream) {
  is<Same<typeof event, ChatEvent>>();
  if (event.type === "text") is<Same<typeof event.text, string>>();
  if (event.type === "tool-call") is<Same<typeof event.input, unknown>>();
  if (event.type === "warning") is<Same<typeof event.warning, Warning>>();
  if (event.type === "retry") is<Same<typeof event.error, LlmError>>();
  if (event.type === "step") is<Same<[typeof event.finishReason, typeof event.usage], [FinishReason, Usage]>>();
  // @ts-expect-error: only some events have a text.
  void event.text;
  // @ts-expect-error: there is no such event.
  if (event.type === "texts") break;
}

/** Every type of event; one that is added is added here. */
function nameOf(event: ChatEvent): string {
  switch (event.type) {
    case "start":
    case "text-start":
    case "text":
    case "text-end":
    case "refusal":
    case "reasoning-start":
    case "reasoning":
    case "reasoning-end":
    case "tool-call-start":
    case "tool-call-delta":
    case "tool-call":
    case "tool-result":
    case "source":
    case "file":
    case "step":
    case "usage":
    case "warning":
    case "retry":
    case "fallback":
    case "approval-request":
    case "tool-stream":
    case "tool-error":
    case "object":
    case "raw":
    case "done":
      return event.type;
    default:
      return event satisfies never;
  }
}
void nameOf;

for await (const text of llm().stream("").textStream) is<Same<typeof text, string>>();
const result = await stream.result;
is<Same<typeof result, ChatResult>>();
const [left, right] = stream.tee();
is<Same<[typeof left, typeof right], [ChatStream, ChatStream]>>();
