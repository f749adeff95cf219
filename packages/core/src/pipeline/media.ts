import type { FilePart, Message } from "../message/types.ts";
import { mediaKind } from "../media/source.ts";
import { once } from "../provider/define.ts";
import type { ChatPlan } from "./plan.ts";

/** Files that were loaded for a call, by path or URL: a chat of many steps loads each once. */
export type LoadedFiles = Map<string, Promise<FilePart>>;

/** Loaded by the first call that holds a file. */
const loader = once(() => import("../media/settle.ts"));

/** The plan with every file in a form that the vendor takes: what comes by path, or by a URL that it does not fetch, is loaded; bytes are checked. Throws `invalid-request`, `connection`, `timeout`. */
export async function withFiles(plan: ChatPlan, loaded: LoadedFiles, signal: AbortSignal): Promise<ChatPlan> {
  if (!plan.call.messages.some(hasFile)) return plan;
  const { settleFile } = await loader();
  const { target } = plan;
  const { media = {}, loopbackOnly, wire } = target;
  const settle = (part: FilePart): Promise<FilePart> => {
    const address = part.path ?? (isWeb(part) && wire.noUrls?.includes(mediaKind(part)) ? part.url : undefined);
    if (address === undefined) return settleFile(part, { ...media, signal, loopbackOnly });
    const known = loaded.get(address) ?? settleFile(part, { ...media, signal, loopbackOnly, load: true });
    loaded.set(address, known);
    return known.then(({ data, mediaType, filename }) => ({ ...withoutAddress(part), data, mediaType, filename }));
  };
  const messages = await Promise.all(plan.call.messages.map((message) => settled(message, settle)));
  return { ...plan, call: { ...plan.call, messages } };
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

async function settled(message: Message, settle: (part: FilePart) => Promise<FilePart>): Promise<Message> {
  if (!hasFile(message) || typeof message.content === "string") return message;
  const content = await Promise.all(
    message.content.map(async (part) => (part.type === "image" || part.type === "file" ? settle(part) : part)),
  );
  return { ...message, content } as Message;
}
