import type { ChatResult } from "../model/chat.ts";
import type { Middleware, MiddlewareCall } from "./middleware.ts";

/** Where answers are kept: texts by key. The one built in is memory; anything that keeps strings will do. */
export interface CacheStore {
  get(key: string): string | undefined | Promise<string | undefined>;
  set(key: string, value: string, ttlMs: number): void | Promise<void>;
}

export interface ResponseCacheOptions {
  /** Default: memory, 1,000 answers, the ones that were not asked for the longest leave first. */
  store?: CacheStore;
  /** How long an answer counts, in milliseconds. Default: one hour. */
  ttlMs?: number;
}

const HOUR = 3_600_000;
const MAX_ENTRIES = 1_000;
/** Options that do not change what the answer is. */
const BESIDE: ReadonlySet<string> = new Set(["signal", "timeoutMs", "timeouts", "retry", "fallback", "onDelta", "cache"]);

/**
 * Answers a call that was answered before from memory: `context.use(responseCache())`. Same means: same provider, address, model and key, same messages,
 * same options. An answer from the cache has no attempts, no tokens of usage and a warning "cached". Calls whose tools run here are not cached.
 */
export function responseCache({ store = memoryStore(), ttlMs = HOUR }: ResponseCacheOptions = {}): Middleware {
  return async (call, next) => {
    if (call.options.tools?.some((tool) => "execute" in tool)) return next();
    const key = await keyOf(call);
    const known = await store.get(key);
    if (known !== undefined) return cached(JSON.parse(known) as ChatResult);
    if (!call.stream) {
      const result = await next().result;
      await keep(store, key, result, ttlMs);
      return result;
    }
    const [answer, copy] = next().tee();
    copy.result.then((result) => keep(store, key, result, ttlMs)).catch(() => {});
    return answer;
  };
}

async function keep(store: CacheStore, key: string, result: ChatResult, ttlMs: number): Promise<void> {
  const sound =
    (result.finishReason === "stop" || result.finishReason === "tool-calls") &&
    result.toolCalls.every(({ invalid }) => invalid === undefined);
  if (!sound) return;
  const { raw: _, attempts: _attempts, ...plain } = result;
  await store.set(key, JSON.stringify(plain), ttlMs);
}

function cached(result: ChatResult): ChatResult {
  const usage = { inputTokens: 0, outputTokens: 0, totalTokens: 0 };
  const warnings = [...result.warnings, { code: "cached", message: "This answer comes from the cache: nothing was sent." }];
  const { cost: _, ...rest } = result;
  return { ...rest, usage, warnings, attempts: [] };
}

async function keyOf(call: MiddlewareCall): Promise<string> {
  const options = Object.entries(call.options).filter(([name]) => !BESIDE.has(name));
  const asked = JSON.stringify([await call.place(), call.input, options.toSorted(([a], [b]) => (a < b ? -1 : 1))], bytesAsText);
  return digest(asked);
}

function bytesAsText(_name: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return Array.from(value, (byte) => String.fromCharCode(byte)).join("");
  return value;
}

/** SHA-256 in hexadecimal digits. */
export async function digest(text: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function memoryStore(): CacheStore {
  const entries = new Map<string, { value: string; until: number }>();
  return {
    get(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      entries.delete(key);
      if (entry.until <= Date.now()) return undefined;
      entries.set(key, entry);
      return entry.value;
    },
    set(key, value, ttlMs) {
      entries.delete(key);
      entries.set(key, { value, until: Date.now() + ttlMs });
      const [oldest] = entries.keys();
      if (entries.size > MAX_ENTRIES && oldest !== undefined) entries.delete(oldest);
    },
  };
}
