/**
 * Text whole and streamed, and what it cost.
 *
 *     npm run example chat
 */
import { createContext, type Message } from "plurivox";
import { startDemo } from "./support/demo.ts";

await using demo = await startDemo();
await using context = createContext({ env: demo.env });
const llm = context.llm();

// A string in, a string out.
console.log(await llm.complete("Name a colour."));

// The same as it comes. Nothing is sent before the first piece is asked for.
const stream = llm.stream("Why is the sky blue?", { system: "One sentence." });
for await (const text of stream.textStream) process.stdout.write(text);
const { usage, metrics, finishReason } = await stream.result;
console.log(`\n${usage.inputTokens} tokens in, ${usage.outputTokens} out, ${finishReason}, by ${metrics.label}`);

// A conversation is plain JSON: append what a call returns, and go on.
const history: Message[] = [{ role: "user", content: "Name a colour." }];
const { messages } = await llm.chat(history);
history.push(...messages, { role: "user", content: "Why is the sky blue?" });
console.log((await llm.chat(history)).text);
console.log(history.map(({ role }) => role).join(", "));
