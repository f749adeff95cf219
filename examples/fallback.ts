/**
 * When a vendor is down, the next one answers.
 *
 *     npm run example fallback
 */
import { createContext } from "plurivox";
import { startDemo } from "./support/demo.ts";

await using demo = await startDemo();
await using context = createContext({
  env: demo.env,
  profiles: {
    // A server that answers nothing but 503. `retry: false`: it is not asked twice.
    default: { provider: "openai-compatible", model: "some-model", baseURL: demo.downURL, retry: false, fallback: ["spare"] },
    // No provider: that of LLM_PROVIDER.
    spare: {},
  },
});
const llm = context.llm();

const { text, provider, attempts, warnings } = await llm.chat("Name a colour.");
console.log(`${provider} answered: ${text}`);
for (const { provider: asked, error } of attempts)
  console.log(`  ${asked}:`, error === undefined ? "ok" : `${error.kind} (${error.status})`);
for (const { code, message } of warnings) console.log(`  warning "${code}": ${message}`);

// What has just failed is passed over for half a minute.
const again = await llm.chat("Name a colour.");
console.log("the next call:", again.attempts.map((attempt) => attempt.provider).join(", "));

// Before the first words a change is silent; after them a `fallback` event would say that the answer begins anew.
for await (const event of llm.stream("Name a colour.")) {
  if (event.type === "start") console.log("streamed by", event.provider);
  if (event.type === "fallback") console.log("once more, by", event.to);
}
