/**
 * Texts as vectors, and a search among them.
 *
 *     npm run example embeddings
 */
import { createContext, isLlmError } from "plurivox";
import { startDemo } from "./support/demo.ts";

await using demo = await startDemo();
await using context = createContext({
  env: demo.env,
  // Chats with one vendor, embeds with another. Without it: EMBEDDING_PROVIDER, or the profile's own vendor.
  profiles: { default: { model: "anthropic/claude-haiku-5-5", embedding: "openai/text-embedding-3-small" } },
});
const llm = context.llm();

const documents = [
  "The cat sleeps on the warm stove all day.",
  "Bread needs flour, water, salt and time.",
  "A bicycle has two wheels and one saddle.",
];

// A list of any length: it is split where the vendor takes no more at once, and comes back in order.
const { embeddings, usage, model, provider } = await llm.embed(documents, { inputType: "document" });
console.log(`${embeddings.length} vectors by ${provider}/${model}, ${usage.inputTokens} tokens`);

// A query is another kind of text; vendors that do not tell them apart say so in `warnings`.
const { embedding, warnings } = await llm.embed("What do I need to bake bread?", { inputType: "query" });
for (const { message } of warnings) console.log("warning:", message);

const closest = embeddings
  .map((vector, at) => ({ text: documents[at]!, score: cosine(vector, embedding) }))
  .toSorted((a, b) => b.score - a.score);
console.log("closest:", closest[0]!.text);

// What a model is known to lack is an error before anything is sent.
try {
  await llm.embed("Bread", { model: "openai/text-embedding-ada-002", dimensions: 256 });
} catch (error) {
  if (!isLlmError(error)) throw error;
  console.log(`${error.kind}: ${error.message}`);
}

function cosine(a: number[], b: number[]): number {
  const dot = (left: number[], right: number[]) => left.reduce((sum, value, at) => sum + value * right[at]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}
