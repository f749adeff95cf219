/**
 * Reasoning apart from the answer: as events, hidden, and told from the text of a server that mixes both.
 *
 *     npm run example reasoning
 */
import { createContext } from "plurivox";
import { startDemo } from "./support/demo.ts";

await using demo = await startDemo();
await using context = createContext({
  env: demo.env,
  profiles: {
    default: { reasoning: "low" },
    // A server that writes the reasoning of its model into the text, between tags.
    own: { provider: "openai-compatible", reasoningTags: [{ start: "<think>", end: "</think>" }] },
  },
});

const stream = context.llm().stream("Is 2027 prime?");
for await (const event of stream) {
  if (event.type === "reasoning-start") process.stdout.write("thinks: ");
  if (event.type === "reasoning" || event.type === "text") process.stdout.write(event.text);
  if (event.type === "reasoning-end") process.stdout.write("\nsays: ");
}
process.stdout.write("\n");

// `text` never contains reasoning; the messages to append do, because the vendor wants it back.
const { text, reasoning, messages } = await context.llm().chat("Is 2027 prime?", { hideReasoning: true });
console.log(`hidden: "${text}"`, reasoning, JSON.stringify(messages).includes('"reasoning"'));

const told = await context.llm("own").chat("Think aloud: is 17 prime?");
console.log(`told apart: "${told.text}" and "${told.reasoning}"`);

const raw = await context.llm("own").chat("Think aloud: is 17 prime?", { reasoningTags: false });
console.log(`as it came: "${raw.text}"`);
