/**
 * Layers round every call: one that keeps a log, one that changes what is asked, and the cache.
 *
 *     npm run example middleware
 */
import { createContext, responseCache, type Middleware } from "plurivox";
import { startDemo } from "./support/demo.ts";

/** Waits for the whole answer. To pass a stream on as it comes, return `next()` itself, as `brief` does. */
const log: Middleware = async (call, next) => {
  const result = await next().result;
  const { usage, warnings } = result;
  console.log(`[log] ${call.profile}: ${usage.totalTokens} tokens`, warnings.map(({ code }) => code).join());
  return result;
};

const brief: Middleware = (call, next) => next({ options: { ...call.options, system: "Answer in one word." } });

await using demo = await startDemo();
await using context = createContext({ env: demo.env });
// The first one is outermost.
context.use(log);
context.use(brief);
context.use(responseCache({ ttlMs: 600_000 }));
const llm = context.llm();

console.log("sent:", await llm.complete("Name a colour."));
// The same call again: nothing is sent.
console.log("from the cache:", await llm.complete("Name a colour."));
console.log("another question:", await llm.complete("Why is the sky blue?"));

// Numbers of every call, also of those that failed, need no layer.
context.on("metrics", ({ label, attempts, error }) => console.log(`[metrics] ${label}:`, attempts, error?.kind ?? "ok"));
await llm.complete("Name a colour.", { temperature: 0.5, model: "mistral/mistral-small-latest" });
