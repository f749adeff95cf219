import { isLlmError } from "../error.ts";
import { mediaKind } from "../media/source.ts";
import type { FilePart, Message, TextPart } from "../message/types.ts";
import type { Warning } from "../model/chat.ts";
import { once } from "../provider/define.ts";
import type { ChatPlan } from "./plan.ts";

/** Files that were loaded for a call, by path or URL: a chat of many steps loads each once. */
export type LoadedFiles = Map<string, Promise<FilePart>>;

type Settle = (part: FilePart) => Promise<FilePart | TextPart>;

/** Loaded by the first call that holds a file. */
const loader = once(() => import("../media/settle.ts"));

/**
 * The plan with every file in a form that the vendor takes: what comes by path, or by a URL that it
 * does not fetch, is loaded; bytes are checked. Throws `invalid-request`, `connection`, `timeout`;
 * but a file that a tool returned is then left out with a warning.
 */
export async function withFiles(plan: ChatPlan, loaded: LoadedFiles, signal: AbortSignal): Promise<ChatPlan> {
  const { resultFiles } = plan;
  if (resultFiles.size === 0 && !plan.call.messages.some(hasFile)) return plan;
  const { settleFile } = await loader();
  const { target } = plan;
  const { media = {}, loopbackOnly, wire } = target;
  const settle = async (part: FilePart): Promise<FilePart> => {
    const address = part.path ?? (isWeb(part) && wire.noUrls?.includes(mediaKind(part)) ? part.url : undefined);
    if (address === undefined) return settleFile(part, { ...media, signal, loopbackOnly });
    const known = loaded.get(address) ?? settleFile(part, { ...media, signal, loopbackOnly, load: true });
    loaded.set(address, known);
    const { data, mediaType, filename } = await known;
    return { ...withoutAddress(part), data, mediaType, filename };
  };
  const warnings: Warning[] = [];
  const settleAny: Settle = async (part) => {
    if (!resultFiles.has(part)) return settle(part);
    try {
      return await settle(part);
    } catch (error) {
      signal.throwIfAborted();
      if (!isLlmError(error)) throw error;
      warnings.push({
        code: "tool-result-files",
        provider: target.provider.id,
        message: `A file that a tool returned was left out: ${error.message}`,
      });
      return { type: "text", text: "(This file could not be loaded.)" };
    }
  };
  const messages = await Promise.all(plan.call.messages.map((message) => settled(message, settleAny, resultFiles)));
  return { ...plan, call: { ...plan.call, messages }, warnings: [...plan.warnings, ...warnings] };
}

function hasFile({ content }: Message): boolean {
  return typeof content !== "string" && content.some((part) => part.type === "image" || part.type === "file");
}

function isWeb({ url }: FilePart): boolean {
  return url !== undefined && /^https?:/i.test(url);
}

function withoutAddress({ path: _path, url: _url, ...rest }: FilePart): FilePart {
  return rest;
}

async function settled(message: Message, settle: Settle, resultFiles: ReadonlySet<FilePart>): Promise<Message> {
  if (message.role === "tool") {
    const content = message.content.map(async (part) => {
      if (part.type !== "tool-result" || !Array.isArray(part.output)) return part;
      const items = part.output as FilePart[];
      return { ...part, output: await Promise.all(items.map((item) => (resultFiles.has(item) ? settle(item) : item))) };
    });
    return { ...message, content: await Promise.all(content) };
  }
  if (typeof message.content === "string" || !hasFile(message)) return message;
  const content = message.content.map((part) => (part.type === "image" || part.type === "file" ? settle(part) : part));
  return { ...message, content: await Promise.all(content) } as Message;
}
