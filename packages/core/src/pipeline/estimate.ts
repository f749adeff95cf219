import type { Message } from "../message/types.ts";
import type { ChatCall } from "../model/chat.ts";

/** Tokens of a picture or document, by rule of thumb: what vendors count for a page. */
const MEDIA_TOKENS = 1_000;
const CHARACTERS_PER_TOKEN = 4;

type Part = Exclude<Message["content"], string>[number];

/**
 * Tokens of a prompt by rule of thumb: a quarter of its characters, and a page for each file, also
 * of those that tools returned.
 */
export function estimateTokens({ messages, tools, output }: Pick<ChatCall, "messages" | "tools" | "output">): number {
  let characters = tools.length === 0 ? 0 : JSON.stringify(tools).length;
  if (output !== undefined) characters += JSON.stringify(output).length;
  let files = 0;
  const count = (part: Part): void => {
    if (part.type === "image" || part.type === "file") files++;
    else if (part.type === "text" || part.type === "reasoning") characters += part.text.length;
    else if (part.type === "tool-result" && isContent(part.output)) part.output.forEach(count);
    else characters += JSON.stringify(part).length;
  };
  for (const { content } of messages) {
    if (typeof content === "string") characters += content.length;
    else content.forEach(count);
  }
  return charactersToTokens(characters) + files * MEDIA_TOKENS;
}

/** Core has made sure that a list of such items is content, and nothing else. */
function isContent(output: unknown): output is Part[] {
  return Array.isArray(output) && output.length > 0 && output.every((item) => /^(?:text|image|file)$/.test(String(item?.type)));
}

export function charactersToTokens(characters: number): number {
  return Math.ceil(characters / CHARACTERS_PER_TOKEN);
}
