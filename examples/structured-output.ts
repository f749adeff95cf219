/**
 * Data in place of prose: by a schema, growing while it streams, and sent back once when it does not fit.
 *
 *     npm run example structured-output
 */
import { createContext } from "plurivox";
import { z } from "zod";
import { startDemo } from "./support/demo.ts";

const City = z.object({ name: z.string(), country: z.string(), rivers: z.array(z.string()) });

await using demo = await startDemo();
await using context = createContext({ env: demo.env });
const llm = context.llm();

// `output` has the schema's type, and has been checked against it.
const { output } = await llm.chat("Describe Oslo.", { output: City });
console.log(output?.name, "has", output?.rivers.length, "rivers");

// The same object grows from event to event: copy what you keep.
for await (const event of llm.stream("Describe Oslo.", { output: City })) {
  if (event.type === "object") console.log("so far", JSON.stringify(event.object));
}

// What does not fit is an `invalid-output` error that keeps the text; with `repair` the model is first told what is wrong, once.
const Count = z.object({ people: z.number().int() });
const counted = await llm.chat("How many people live in Oslo?", { output: { schema: Count, repair: true } });
console.log("repaired:", counted.output?.people, "after", counted.steps.length, "steps");
