import { findFamily, type ChatCall } from "@plurivox/core/provider";
import type { ShowResponse } from "ollama/browser";
import { isCloud } from "./base-url.ts";
import type { Host } from "./client.ts";
import { FAMILIES } from "./models.ts";
import type { OllamaOptions } from "./options.ts";
import { CLOUD_MODEL, EXPECTED_OUTPUT, EXPECTED_REASONING, MEDIA_TOKENS, MIN_WINDOW } from "./quirks.ts";

/** What `before` finds out for `toRequest`: no `numCtx` leaves the window to the host. */
export interface Found {
  numCtx?: number;
}

/** Tokens that fit into a model, by base URL and model. Only what a server has said: a model that is not there yet may come. */
const limits = new Map<string, number>();
/** The windows that this process last asked for, by base URL and model. */
const windows = new Map<string, number>();

/**
 * The window for a call: large enough for it, within the model's limit, and never smaller than the last one, for which the server would have to load
 * the model anew.
 */
export async function findWindow(host: Host, call: ChatCall): Promise<Found> {
  if (isCloud(host.baseURL) || CLOUD_MODEL.test(call.model)) return {};
  const key = `${host.baseURL} ${call.model}`;
  let { numCtx } = call.providerOptions as OllamaOptions;
  if (numCtx === undefined) {
    const limit = limits.get(key) ?? (await askLimit(host, call.model));
    if (limit !== undefined) limits.set(key, limit);
    numCtx = Math.min(limit ?? Number.POSITIVE_INFINITY, Math.max(windows.get(key) ?? 0, windowFor(call)));
  }
  windows.set(key, numCtx);
  return { numCtx };
}

/** Undefined where the server does not say: the call then tells what is wrong. */
async function askLimit({ sdk }: Host, model: string): Promise<number | undefined> {
  const shown: ShowResponse | null = await sdk.show({ model }).catch(() => null);
  return shown === null ? undefined : contextTokens(shown);
}

/** The field is named after the model's architecture, such as `llama.context_length`. The SDK's type says Map; it is an object. */
export function contextTokens({ model_info }: Partial<ShowResponse>): number | undefined {
  const facts = Object.entries((model_info ?? {}) as Record<string, unknown>);
  const [, tokens] = facts.find(([name]) => name.endsWith(".context_length")) ?? [];
  return typeof tokens === "number" && tokens > 0 ? tokens : undefined;
}

/** The next power of two above prompt and answer. */
export function windowFor(call: ChatCall): number {
  const tokens = promptTokens(call) + outputTokens(call);
  let window = MIN_WINDOW;
  while (window <= tokens) window *= 2;
  return window;
}

/** By rule of thumb: three bytes to a token, which also suits scripts whose characters are three bytes and a token each. */
function promptTokens({ messages, tools, output }: ChatCall): number {
  let media = 0;
  const text = JSON.stringify([messages, tools, output], (_name, value: unknown) => {
    if (!isFile(value)) return value;
    media++;
    return undefined;
  });
  return Math.ceil(new TextEncoder().encode(text).length / 3) + media * MEDIA_TOKENS;
}

/** A part of a message, and not what a tool calls a file, whose text counts. */
function isFile(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { type, base64, data, url } = value as Partial<Record<string, unknown>>;
  const holdsFile = typeof base64 === "string" || data instanceof Uint8Array || typeof url === "string";
  return holdsFile && (type === "image" || type === "file");
}

function outputTokens({ model, maxOutputTokens, reasoning, providerOptions }: ChatCall): number {
  const { numPredict = -1 } = providerOptions as OllamaOptions;
  const limit = maxOutputTokens ?? (numPredict > 0 ? numPredict : undefined);
  if (limit !== undefined) return limit;
  const reasons = reasoning === undefined ? findFamily(FAMILIES, model)?.reasonsByDefault === true : reasoning.effort !== "none";
  return reasons ? EXPECTED_REASONING : EXPECTED_OUTPUT;
}
