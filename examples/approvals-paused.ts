/**
 * A call that waits for a decision outside of the program: the conversation is stored, and another process goes on with it.
 *
 *     npm run example approvals-paused
 */
import { createContext, isLlmError, tool, type CallOptions, type Message, type PendingApproval } from "plurivox";
import { z } from "zod";
import { startDemo } from "./support/demo.ts";

const pay = tool({
  name: "pay",
  description: "Pays an amount in euros",
  input: z.object({ amount: z.number() }),
  approval: true,
  execute: ({ amount }) => ({ paid: amount }),
});
const options: CallOptions = { tools: [pay], approvals: "pause" };

await using demo = await startDemo();
// Signs what may be approved, so that nobody can slip another call in. Keep it like a password, the same in every process.
const settings = { env: demo.env, approvalSecret: "a secret of yours" };

/** The first process: asks, and stores what has to be decided. */
async function ask(): Promise<string> {
  await using context = createContext(settings);
  const history: Message[] = [{ role: "user", content: "Pay the bill." }];
  const { messages, pendingApprovals } = await context.llm().chat(history, options);
  return JSON.stringify({ messages: [...history, ...messages], pendingApprovals });
}

/** The second one: appends the decisions, and goes on. */
async function resume(stored: string, decide: (call: PendingApproval) => boolean): Promise<string> {
  await using context = createContext(settings);
  const { messages, pendingApprovals } = JSON.parse(stored) as { messages: Message[]; pendingApprovals: PendingApproval[] };
  for (const call of pendingApprovals) {
    const { toolCallId, token } = call;
    messages.push({ role: "tool", content: [{ type: "approval", toolCallId, approved: decide(call), token }] });
  }
  return (await context.llm().chat(messages, options)).text;
}

const stored = await ask();
console.log("stored:", stored.length, "characters");
console.log(
  await resume(stored, ({ toolName, input }) => {
    console.log("approved:", toolName, JSON.stringify(input));
    return true;
  }),
);

// An amount that was changed in the store no longer fits its token.
try {
  await resume(stored.replaceAll("120", "120000"), () => true);
} catch (error) {
  if (!isLlmError(error)) throw error;
  console.log("tampered:", error.kind);
}
