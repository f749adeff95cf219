// Run by itself: takes up a conversation that another process has stored, and prints what it came to.
import { tool, type Message } from "../src/index.ts";
import { toyContext } from "./toy.ts";

const { url, approvalSecret, history } = JSON.parse(process.argv[2]!) as { url: string; approvalSecret: string; history: Message[] };
const remove = tool({
  name: "remove",
  input: { type: "object", properties: { path: { type: "string" } }, required: ["path"] },
  approval: true,
  execute: (input) => ({ removed: input }),
});
const result = await toyContext(url, { approvalSecret })
  .llm()
  .chat(history, { tools: [remove], approvals: "pause" })
  .catch((error: unknown) => error);
console.log(JSON.stringify(result));
