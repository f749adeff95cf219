import type { CallToolResult, ContentBlock } from "@modelcontextprotocol/client";
import { toolError, type Peer } from "./errors.ts";
import type { McpPart } from "./options.ts";

/**
 * Structured content as it is, or beside the files that come with it; a single text as a string;
 * anything else as plain data, piece by piece. A chat sends pictures, sounds and other files among
 * it to the model as such. Throws `tool` where the tool failed.
 */
export function toOutput({ content, structuredContent, isError }: CallToolResult, peer: Peer, toolName: string): unknown {
  if (isError) {
    const texts = content.flatMap((block) => (block.type === "text" ? [block.text] : []));
    throw toolError(texts.join("\n") || "it does not say why.", peer, toolName);
  }
  const isText = content.every(({ type }) => type === "text");
  if (structuredContent !== undefined) return isText ? structuredContent : { content: content.map(toPart), structuredContent };
  const [first, second] = content;
  if (first === undefined) return "";
  return second === undefined && first.type === "text" ? first.text : content.map(toPart);
}

function toPart(block: ContentBlock): McpPart {
  switch (block.type) {
    case "text":
      return { type: "text", text: block.text };
    case "image":
    case "audio":
      return { type: block.type, mediaType: block.mimeType, base64: block.data };
    case "resource_link": {
      const { uri, name, description, mimeType } = block;
      return { type: "resource-link", uri, name, ...(description !== undefined && { description }), ...toMediaType(mimeType) };
    }
    case "resource": {
      const { uri, mimeType, ...held } = block.resource;
      return { type: "resource", uri, ...toMediaType(mimeType), ...("text" in held ? { text: held.text } : { base64: held.blob }) };
    }
  }
}

function toMediaType(mediaType: string | undefined): { mediaType?: string } {
  return mediaType === undefined ? {} : { mediaType };
}
