import type { ReasoningTag } from "../model/policy.ts";
import type { ChatDelta } from "../provider/contract.ts";
import { splitTags, type TagSplitter } from "./reasoning-tags.ts";

type Next = (delta: ChatDelta) => void;

/** Stands between a decoder and the assembler where deltas do not mean what they say. */
export interface DeltaFilter {
  push(delta: ChatDelta, next: Next): void;
  /** What was held back. */
  end(next: Next): void;
}

/** Tells reasoning in tags apart from text, in each answer and each of its parts. */
export function tagFilter(tags: readonly ReasoningTag[]): DeltaFilter {
  const later = tags.flatMap((tag) => (tag.start === "" ? [] : [{ ...tag, fromBeginning: false }]));
  const open = new Map<number, { part: string | number | undefined; splitter: TagSplitter }>();
  const begun = new Set<number>();

  function close(choice: number, next: Next): void {
    const held = open.get(choice);
    if (held === undefined) return;
    open.delete(choice);
    for (const piece of held.splitter.end()) next({ ...piece, part: held.part, choice });
  }

  return {
    push(delta, next) {
      const { choice = 0 } = delta;
      if (delta.type !== "text" || delta.refusal) {
        if (ENDS_TEXT.has(delta.type)) close(choice, next);
        next(delta);
        return;
      }
      if (open.get(choice)?.part !== delta.part) close(choice, next);
      const { splitter } = open.get(choice) ?? { splitter: splitTags(begun.has(choice) ? later : tags) };
      open.set(choice, { part: delta.part, splitter });
      begun.add(choice);
      const pieces = splitter.push(delta.text);
      for (const piece of pieces) next({ ...delta, ...piece });
      if (pieces.length === 0 && delta.providerMetadata !== undefined) next({ ...delta, text: "" });
    },
    end(next) {
      for (const choice of open.keys()) close(choice, next);
    },
  };
}

const ENDS_TEXT: ReadonlySet<ChatDelta["type"]> = new Set(["reasoning", "tool-call", "tool-result", "file"]);

/** Turns calls of the tool through which the model answers into the text of the answer. */
export function answerFilter(toolName: string): DeltaFilter {
  const answers = new Set<string | number>();
  let others = false;
  return {
    push(delta, next) {
      if (delta.type === "finish" && delta.finishReason === "tool-calls" && answers.size > 0 && !others) {
        next({ ...delta, finishReason: "stop" });
        return;
      }
      if (delta.type !== "tool-call") return next(delta);
      const key = delta.part ?? delta.toolCallId ?? toolName;
      if (delta.toolName === toolName) answers.add(key);
      if (!answers.has(key)) {
        others ||= delta.providerExecuted !== true;
        next(delta);
        return;
      }
      const text = delta.input === undefined ? delta.inputText : JSON.stringify(delta.input);
      if (text) next({ type: "text", part: key, text, ...(delta.choice !== undefined && { choice: delta.choice }) });
    },
    end() {},
  };
}

/** One after the other. */
export function chained(filters: readonly DeltaFilter[]): DeltaFilter | undefined {
  if (filters.length < 2) return filters[0];
  return filters.reduceRight((inner, outer) => ({
    push: (delta, next) => outer.push(delta, (passed) => inner.push(passed, next)),
    end(next) {
      outer.end((passed) => inner.push(passed, next));
      inner.end(next);
    },
  }));
}
