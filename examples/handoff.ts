/**
 * A conversation with tools and reasoning begins with one vendor and goes on with another.
 *
 *     npm run example handoff
 */
import { createContext, tool, type Message } from "plurivox";
import { z } from "zod";
import { startDemo } from "./support/demo.ts";

const getWeather = tool({
  name: "get_weather",
  description: "Current weather of a city",
  input: z.object({ city: z.string() }),
  execute: ({ city }) => ({ city, celsius: city === "Oslo" ? 7 : 19 }),
});

await using demo = await startDemo();
await using context = createContext({
  env: demo.env,
  profiles: {
    first: { model: "anthropic/claude-haiku-5-5", reasoning: "low" },
    second: "mistral/mistral-small-latest",
  },
});

const history: Message[] = [{ role: "user", content: "What is the weather in Oslo and in Lima?" }];
const first = await context.llm("first").chat(history, { tools: [getWeather] });
console.log(`${first.provider}: ${first.text}`);

// Plain JSON, with all that the first vendor would want back, such as the signatures of its reasoning.
history.push(...first.messages, { role: "user", content: "Which of them is warmer?" });
const stored = JSON.stringify(history);

const second = await context.llm("second").chat(JSON.parse(stored) as Message[], { tools: [getWeather] });
console.log(`${second.provider}: ${second.text}`);
// What the second vendor cannot take is rewritten or left out, in the request alone: the history stays whole.
for (const { code, message } of second.warnings) console.log(`warning "${code}": ${message}`);

history.push(...second.messages, { role: "user", content: "Which of them is warmer?" });
const back = await context.llm("first").chat(history, { tools: [getWeather] });
console.log(`back to ${back.provider}: ${back.warnings.length} warnings`);
