/**
 * Calls that somebody has to approve: in a stream by the event, elsewhere by a callback.
 *
 *     npm run example approvals
 */
import { createContext, requireApproval, tool } from "plurivox";
import { z } from "zod";
import { startDemo } from "./support/demo.ts";

const deleteFile = tool({
  name: "delete_file",
  description: "Deletes a file",
  input: z.object({ path: z.string() }),
  // Which calls need an approval: true for all of them.
  approval: ({ path }) => !path.startsWith("scratch/"),
  execute: ({ path }) => `${path} is gone`,
});

await using demo = await startDemo();
await using context = createContext({ env: demo.env });
const llm = context.llm();

// Whoever reads the stream decides, now or later. Calls that need no approval run meanwhile.
for await (const event of llm.stream("Clean up.", { tools: [deleteFile] })) {
  if (event.type === "approval-request") {
    console.log("asked about", JSON.stringify(event.input));
    if (JSON.stringify(event.input).includes("diary")) event.reject("Not my diary!");
    else event.approve();
  }
  if (event.type === "text") process.stdout.write(event.text);
}
process.stdout.write("\n");

// A call may ask for more approvals than its tools do, by name, by tool or by a predicate. Here a function decides.
const { toolResults } = await llm.chat("Clean up.", {
  tools: [deleteFile],
  approval: requireApproval("delete_file"),
  approve: ({ input }) => ({ approved: JSON.stringify(input).includes("scratch/"), reason: "Only in scratch." }),
});
for (const { output, isError } of toolResults) console.log(isError ? "not run:" : "run:", output);
