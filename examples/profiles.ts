/**
 * Vendors by name: profiles, clients derived from them, and the environment.
 *
 *     npm run example profiles
 */
import { createContext } from "plurivox";
import { startDemo } from "./support/demo.ts";

await using demo = await startDemo();
await using context = createContext({
  env: demo.env,
  profiles: {
    default: "openai/gpt-6-luna",
    smart: { model: "anthropic/claude-opus-5-5", reasoning: "high", timeoutMs: 60_000 },
  },
});

// A call does not know whom it goes to.
for (const llm of [context.llm(), context.llm("smart")]) {
  const { text, provider, model } = await llm.chat("Name a colour.");
  console.log(`${provider}, ${model}: ${text}`);
}

// Derived for a while; the profile stays as it is.
const brief = context.llm("smart").with({ reasoning: "low", maxOutputTokens: 2_000 });
console.log("derived:", (await brief.chat("Name a colour.")).model);

// Another model of another vendor, for this call alone.
const { provider } = await context.llm().chat("Name a colour.", { model: "mistral/mistral-small-latest" });
console.log("for one call:", provider);

// Stored, for all who ask for it by this name from now on.
context.llm("cheap", { model: "google/gemini-3.8-flash", temperature: 0 });
console.log("profiles:", Object.keys(context.profiles()).join(", "));

// A program that names no model leaves the choice to whoever runs it.
await using free = createContext({ env: { ...demo.env, LLM_PROVIDER: "mistral" } });
console.log("LLM_PROVIDER=mistral:", free.llm().label);
