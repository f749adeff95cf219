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
