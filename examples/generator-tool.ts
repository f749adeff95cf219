/**
 * A tool that tells how it gets on: each yield is an event of the stream, what is returned is the result.
 *
 *     npm run example generator-tool
 */
import { createContext, tool } from "plurivox";
import { z } from "zod";
import { startDemo } from "./support/demo.ts";

const texts: Record<string, string> = { "a.txt": "to be or not to be", "b.txt": "that is the question" };

const countWords = tool({
  name: "count_words",
  description: "Counts the words of text files",
  input: z.object({ files: z.array(z.string()) }),
  async *execute({ files }) {
    let total = 0;
    for (const [index, file] of files.entries()) {
      total += texts[file]?.split(" ").length ?? 0;
      // It does not run ahead: the next file is read when this event has been taken.
      yield { file, done: (index + 1) / files.length };
    }
    return total;
  },
});

await using demo = await startDemo();
await using context = createContext({ env: demo.env });

for await (const event of context.llm().stream("Count the words in a.txt and b.txt.", { tools: [countWords] })) {
  if (event.type === "tool-call") console.log("call", JSON.stringify(event.input));
  if (event.type === "tool-stream") console.log("progress", JSON.stringify(event.output));
  if (event.type === "tool-result") console.log("result", event.output);
  if (event.type === "tool-error") console.log("failed", event.error.message);
  if (event.type === "text") process.stdout.write(event.text);
}
process.stdout.write("\n");
