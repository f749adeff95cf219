import { LlmError } from "../error.ts";
import type { EmbedWire } from "../provider/embed.ts";

/** What callers pass, as a list. Throws `invalid-request` that says which one is no text. */
export function toInputs(input: unknown): readonly string[] {
  const inputs: unknown[] = Array.isArray(input) ? input : [input];
  if (inputs.length === 0) throw new LlmError("invalid-request", "There is nothing to embed: the list is empty.");
  inputs.forEach((text, index) => {
    const name = Array.isArray(input) ? `input[${index}]` : "The input";
    if (typeof text !== "string") throw new LlmError("invalid-request", `${name} must be a text; it is ${describe(text)}.`);
    if (text === "") throw new LlmError("invalid-request", `${name} is empty. Vendors embed no empty texts: leave it out.`);
  });
  return inputs as string[];
}

function describe(value: unknown): string {
  return value === null ? "null" : Array.isArray(value) ? "a list" : typeof value;
}

/** Inputs in their order, as many in each batch as its limits allow; one that is too long by itself is for the vendor to refuse. */
export function toBatches(inputs: readonly string[], limits: Pick<EmbedWire, "maxInputs" | "maxTokens">): string[][] {
  const { maxInputs = Number.POSITIVE_INFINITY, maxTokens = Number.POSITIVE_INFINITY } = limits;
  const batches: string[][] = [];
  let batch: string[] = [];
  let tokens = 0;
  for (const text of inputs) {
    const more = maxTokens === Number.POSITIVE_INFINITY ? 0 : mostTokens(text);
    if (batch.length > 0 && (batch.length >= maxInputs || tokens + more > maxTokens)) {
      batches.push(batch);
      batch = [];
      tokens = 0;
    }
    batch.push(text);
    tokens += more;
  }
  return [...batches, batch];
}

/** More tokens than tokenizers make of all but the strangest text: one of two Latin letters, three of two other characters. */
function mostTokens(text: string): number {
  let halves = 0;
  for (let at = 0; at < text.length; at++) halves += text.charCodeAt(at) < 128 ? 1 : 3;
  return Math.ceil(halves / 2);
}
