/**
 * A tool that the vendor itself runs, here OpenAI's search of the web, and the sources of the answer.
 *
 *     npm run example vendor-tools
 */
import { createContext, type ProviderTool } from "plurivox";
import { SEARCHED } from "./support/canned.ts";
import { startDemo } from "./support/demo.ts";

// Name and options are the vendor's own, and go into its request as they stand.
const search: ProviderTool = { type: "provider", provider: "openai", name: "web_search", options: { search_context_size: "low" } };

await using demo = await startDemo({ openai: SEARCHED });
await using context = createContext({ env: demo.env, profiles: { default: "openai/gpt-6-luna" } });
const llm = context.llm();
const question = "Who invented the zip fastener?";

const { request } = await llm.explain(question, { tools: [search] });
console.log("sent:", JSON.stringify((request.body as { tools: unknown }).tools));

const { text, sources, toolCalls, messages } = await llm.chat(question, { tools: [search] });
console.log(text);
for (const { title, url } of sources) console.log(`source: ${title}, ${url}`);

// Its calls have been run when they arrive; what the vendor wants back of them stays in the messages.
for (const { toolName, input, providerExecuted } of toolCalls) console.log("called:", toolName, JSON.stringify(input), providerExecuted);
console.log("in the messages:", JSON.stringify(messages).includes("web_search"));
