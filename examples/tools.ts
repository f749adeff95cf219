/**
 * A function that the model may call: it is run, the model is told what it returned, and goes on until it has its answer.
 *
 *     npm run example tools
 */
import { createContext, tool } from "plurivox";
import { z } from "zod";
import { startDemo } from "./support/demo.ts";

const getWeather = tool({
  name: "get_weather",
  description: "Current weather of a city",
  // Says what the model may pass, checks it, and gives `execute` its type.
  input: z.object({ city: z.string() }),
  async execute({ city }, { toolContext, signal }) {
    signal.throwIfAborted();
    const celsius = (toolContext as Thermometers)[city];
    // What is thrown ends nothing: the model is told the message.
    if (celsius === undefined) throw new Error(`There is no thermometer in ${city}.`);
    return { city, celsius };
  },
});

type Thermometers = Record<string, number>;
const thermometers: Thermometers = { Oslo: 7, Lima: 19 };

await using demo = await startDemo();
await using context = createContext({ env: demo.env });

const result = await context.llm().chat("What is the weather in Oslo and in Lima?", {
  tools: [getWeather],
  // Goes to every tool as it is; the model never sees it.
  toolContext: thermometers,
  maxSteps: 5,
});

console.log(result.text);
for (const [index, { toolCalls, toolResults, finishReason }] of result.steps.entries()) {
  console.log(`step ${index + 1}: ${finishReason}`);
  for (const { toolName, input } of toolCalls) console.log("  called", toolName, JSON.stringify(input));
  for (const { output } of toolResults) console.log("  returned", JSON.stringify(output));
}
