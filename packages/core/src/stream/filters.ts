import { keepShape } from "../http/shape.ts";
import type { ReasoningTag } from "../model/policy.ts";
import type { ChatDelta } from "../provider/contract.ts";
import { splitTags, type TagSplitter } from "./reasoning-tags.ts";

/** Where deltas go. */
export interface DeltaSink {
  add(delta: ChatDelta): void;
}

/** Stands between a decoder and the assembler where deltas do not mean what they say. */
export interface DeltaFilter {
  push(delta: ChatDelta, to: DeltaSink): void;
  /** What was held back. */
  end(to: DeltaSink): void;
}

/** Tells reasoning in tags apart from text, in each answer and each of its parts. */
export function tagFilter(tags: readonly ReasoningTag[]): DeltaFilter {
  return new TagFilter(tags);
}

type Text = Extract<ChatDelta, { type: "text" }>;
interface OpenText {
  part: string | number | undefined;
  splitter: TagSplitter;
}

class TagFilter implements DeltaFilter {
  readonly #tags: readonly ReasoningTag[];
  /** By answer. */
  readonly #open = new Map<number, OpenText>();
  readonly #begun = new Set<number>();

  constructor(tags: readonly ReasoningTag[]) {
    this.#tags = tags;
  }

  push(delta: ChatDelta, to: DeltaSink): void {
    if (delta.type === "text" && !delta.refusal) return this.#text(delta, to);
    if (ENDS_TEXT.has(delta.type)) this.#close(delta.choice ?? 0, to);
    to.add(delta);
  }

  end(to: DeltaSink): void {
    for (const choice of this.#open.keys()) this.#close(choice, to);
  }

  #text(delta: Text, to: DeltaSink): void {
    const choice = delta.choice ?? 0;
    let open = this.#open.get(choice);
    if (open === undefined || open.part !== delta.part) open = this.#begin(choice, delta.part, to);
    const pieces = open.splitter.push(delta.text);
    // Nearly always it is just what came.
    if (pieces.length === 1 && pieces[0]!.type === "text" && pieces[0]!.text === delta.text) return to.add(delta);
    for (const piece of pieces) to.add({ ...delta, ...piece });
    if (pieces.length === 0 && delta.providerMetadata !== undefined) to.add({ ...delta, text: "" });
  }

  /** Reasoning without a start tag is only looked for where an answer begins. */
  #begin(choice: number, part: OpenText["part"], to: DeltaSink): OpenText {
    this.#close(choice, to);
    const tags = this.#begun.has(choice)
      ? this.#tags.flatMap((tag) => (tag.start === "" ? [] : [{ ...tag, fromBeginning: false }]))
      : this.#tags;
    const open = { part, splitter: splitTags(tags) };
    this.#begun.add(choice);
    this.#open.set(choice, open);
    return open;
  }

  #close(choice: number, to: DeltaSink): void {
    const held = this.#open.get(choice);
    if (held === undefined) return;
    this.#open.delete(choice);
    for (const piece of held.splitter.end()) to.add({ ...piece, part: held.part, choice });
  }
}

keepShape(new TagFilter([]));

const ENDS_TEXT: ReadonlySet<ChatDelta["type"]> = new Set(["reasoning", "tool-call", "tool-result", "file"]);

/** Turns calls of the tool through which the model answers into the text of the answer. */
export function answerFilter(toolName: string): DeltaFilter {
  const answers = new Set<string | number>();
  let others = false;
  return {
    push(delta, to) {
      if (delta.type === "finish" && delta.finishReason === "tool-calls" && answers.size > 0 && !others) {
        to.add({ ...delta, finishReason: "stop" });
        return;
      }
      if (delta.type !== "tool-call") return to.add(delta);
      const key = delta.part ?? delta.toolCallId ?? toolName;
      if (delta.toolName === toolName) answers.add(key);
      if (!answers.has(key)) {
        others ||= delta.providerExecuted !== true;
        to.add(delta);
        return;
      }
      const text = delta.input === undefined ? delta.inputText : JSON.stringify(delta.input);
      if (text) to.add({ type: "text", part: key, text, ...(delta.choice !== undefined && { choice: delta.choice }) });
    },
    end() {},
  };
}

/** One after the other. */
export function chained(filters: readonly DeltaFilter[]): DeltaFilter | undefined {
  if (filters.length < 2) return filters[0];
  return filters.reduceRight((inner, outer) => {
    const through = (to: DeltaSink): DeltaSink => ({ add: (passed) => inner.push(passed, to) });
    return {
      push: (delta, to) => outer.push(delta, through(to)),
      end(to) {
        outer.end(through(to));
        inner.end(to);
      },
    };
  });
}
