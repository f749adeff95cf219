import { LlmError } from "../error.ts";
import type { EmbedCall } from "../model/embed.ts";
import type { EmbedVector } from "../provider/embed.ts";

/**
 * The vectors of one answer in the order of its inputs. Throws `invalid-response` where one is
 * missing, comes twice, is no vector, or is not as long as it was asked for.
 */
export function toVectors(vectors: readonly EmbedVector[], { inputs, dimensions }: Pick<EmbedCall, "inputs" | "dimensions">): number[][] {
  const count = inputs.length;
  if (vectors.length !== count) throw wrong(`${vectors.length} vectors came for ${count} inputs`);
  const placed: number[][] = Array.from({ length: count });
  vectors.forEach(({ index, values }, position) => {
    const at = index ?? position;
    if (!Number.isInteger(at) || at < 0 || at >= count) throw wrong(`a vector is of input ${String(index)}, of ${count} inputs`);
    if (placed[at] !== undefined) throw wrong(`two vectors came for input ${at}`);
    placed[at] = toNumbers(values, at);
  });
  const [first] = placed;
  const odd = placed.findIndex(({ length }) => length !== first!.length);
  if (odd !== -1) throw wrong(`the vector of input ${odd} has ${placed[odd]!.length} numbers, the first has ${first!.length}`);
  if (dimensions !== undefined && first!.length !== dimensions) {
    throw wrong(
      `${dimensions} dimensions were asked for, and ${first!.length} came`,
      'The server ignores "dimensions": leave it out, or use a model that has it.',
    );
  }
  return placed;
}

function toNumbers(values: unknown, at: number): number[] {
  const numbers = typeof values === "string" ? fromBase64(values) : values;
  if (!Array.isArray(numbers) || numbers.length === 0 || !numbers.every(Number.isFinite)) throw wrong(`the vector of input ${at} is none`);
  return numbers as number[];
}

/** Little-endian 32-bit floats, undefined where the text is nothing of the kind. */
function fromBase64(text: string): number[] | undefined {
  const bytes = decoded(text);
  if (bytes === undefined || bytes.length % 4 !== 0) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const numbers = Array.from<number>({ length: bytes.length / 4 });
  for (let at = 0; at < numbers.length; at++) numbers[at] = view.getFloat32(at * 4, true);
  return numbers;
}

/** By the platform's own decoder where it has one. */
function decoded(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9+/]+=*$/.test(text)) return undefined;
  if (typeof Buffer === "function") return Buffer.from(text, "base64");
  const binary = atob(text);
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

function wrong(what: string, hint = "Check the model id and the base URL."): LlmError {
  return new LlmError("invalid-response", `The answer holds no embeddings as they were asked for: ${what}.`, { hint });
}
