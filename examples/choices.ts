/**
 * Several answers to one question.
 *
 *     npm run example choices
 */
import { createContext, isLlmError } from "plurivox";
import { TWO_CHOICES } from "./support/canned.ts";
import { startDemo } from "./support/demo.ts";

await using demo = await startDemo({ openai: TWO_CHOICES });
await using context = createContext({
  env: demo.env,
  // Chat completions has `n`; the Responses API does not.
  profiles: { default: { model: "openai/gpt-4.1", api: "chat" } },
});
const llm = context.llm();

const { text, choices, usage } = await llm.chat("Name a colour.", { n: 2, temperature: 1 });
console.log("first:", text);
for (const choice of choices ?? []) console.log(`choice ${choice.index}: ${choice.text} (${choice.finishReason})`);
console.log("together:", usage.totalTokens, "tokens");

// A conversation goes on with the messages of the answer that was chosen.
console.log(JSON.stringify(choices?.at(-1)?.messages.map(({ role }) => role)));

// What a model is known to lack is an error before anything is sent.
try {
  await context.llm({ model: "openai/gpt-6-luna" }).chat("Name a colour.", { n: 2 });
} catch (error) {
  if (!isLlmError(error)) throw error;
  console.log(`${error.kind}: ${error.message}`);
}
