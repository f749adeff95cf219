import type { ChatCall } from "../model/chat.ts";

/** Tokens of a picture or document, by rule of thumb: what vendors count for a page. */
const MEDIA_TOKENS = 1_000;
const CHARACTERS_PER_TOKEN = 4;

/** Tokens of a prompt by rule of thumb: a quarter of its characters, and a page for each file. */
export function estimateTokens({ messages, tools, output }: Pick<ChatCall, "messages" | "tools" | "output">): number {
  let characters = tools.length === 0 ? 0 : JSON.stringify(tools).length;
  if (output !== undefined) characters += JSON.stringify(output).length;
  let files = 0;
  for (const { content } of messages) {
    if (typeof content === "string") characters += content.length;
    else
      for (const part of content) {
        if (part.type === "image" || part.type === "file") files++;
        else if (part.type === "text" || part.type === "reasoning") characters += part.text.length;
        else characters += JSON.stringify(part).length;
      }
  }
  return charactersToTokens(characters) + files * MEDIA_TOKENS;
}

export function charactersToTokens(characters: number): number {
  return Math.ceil(characters / CHARACTERS_PER_TOKEN);
}
