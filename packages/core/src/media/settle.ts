import { LlmError } from "../error.ts";
import type { FilePart } from "../message/types.ts";
import { loadMedia, type LoadMediaOptions } from "./load.ts";
import { isSameType } from "./same-type.ts";
import { headOf, sniff } from "./sniff.ts";
import { decodeHead } from "./source.ts";

/** A part whose file is in it, and is what the part says. With `load`, also what comes by path or URL. Throws `invalid-request`, `connection`, `timeout`. */
export async function settleFile(part: FilePart, options: LoadMediaOptions & { load?: boolean }): Promise<FilePart> {
  if (options.load) return loadMedia(part, options);
  const { blob, ...rest } = part;
  if (blob !== undefined) {
    checkSize(blob.size, options.maxBytes);
    const data = new Uint8Array(await blob.arrayBuffer());
    return checked({ ...rest, data, ...(part.mediaType === undefined && blob.type !== "" && { mediaType: blob.type }) }, headOf(data));
  }
  if (part.data !== undefined) {
    checkSize(part.data.length, options.maxBytes);
    return checked(part, headOf(part.data));
  }
  if (part.base64 === undefined) return part;
  checkSize((part.base64.length / 4) * 3, options.maxBytes);
  return checked(part, decodeHead(part.base64));
}

function checkSize(bytes: number, maxBytes: number | undefined): void {
  if (maxBytes !== undefined && bytes > maxBytes)
    throw new LlmError("invalid-request", `A file of ${Math.ceil(bytes)} bytes is larger than media.maxBytes, ${maxBytes}.`, {
      hint: "Make it smaller, or raise the limit.",
    });
}

/** The bytes know best what they are. A neighbour of what was said is put right; something else entirely is a mistake. */
function checked(part: FilePart, head: string): FilePart {
  const said = part.mediaType;
  const found = sniff(head);
  if (found === undefined) return part;
  if (said !== undefined && !isSameType(said, found)) {
    if (kindOf(said) !== kindOf(found)) throw notWhatItSays(said, found);
    return { ...part, mediaType: found };
  }
  if (part.type === "image" && kindOf(found) !== "image") throw notWhatItSays("an image", found);
  return part;
}

function kindOf(mediaType: string): string {
  return mediaType.split("/", 1)[0]!;
}

function notWhatItSays(said: string, found: string): LlmError {
  return new LlmError("invalid-request", `A file is said to be ${said}, but its bytes are ${found}.`, {
    hint: "Correct its mediaType, or leave it out.",
  });
}
