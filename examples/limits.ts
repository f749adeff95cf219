/**
 * How much may be sent and used: calls wait for their turn, a budget refuses before anything is sent.
 *
 *     npm run example limits
 */
import { createContext, isLlmError } from "plurivox";
import { startDemo } from "./support/demo.ts";

let running = 0;
let most = 0;

await using demo = await startDemo();
await using context = createContext({
  env: demo.env,
  profiles: {
    default: { limits: { maxConcurrent: 2, requestsPerMinute: 60, tokensPerMinute: 90_000 } },
    thrifty: { limits: { budget: { tokensPerCall: 500, tokensPerDay: 100_000 } } },
  },
  // Only to count: the requests that run at the same time.
  async fetch(...request) {
    most = Math.max(most, ++running);
    try {
      return await fetch(...request);
    } finally {
      running--;
    }
  },
});

// Six calls at once, two at a time.
const colours = await Promise.all(Array.from({ length: 6 }, () => context.llm().complete("Name a colour.")));
console.log(`${colours.length} answers, at most ${most} requests at the same time`);

// What a call could use is its prompt and `maxOutputTokens`.
const thrifty = context.llm("thrifty");
try {
  await thrifty.complete("Name a colour.", { maxOutputTokens: 5_000 });
} catch (error) {
  if (!isLlmError(error, "budget")) throw error;
  console.log("refused:", error.message);
}
const { usage } = await thrifty.chat("Name a colour.", { maxOutputTokens: 400 });
console.log("within the budget:", (usage.totalTokens ?? 0) <= 500);
