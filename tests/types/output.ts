// `output` of a result has the type of the schema that was asked for.
import { llm, type ChatResult, type CallOptions, type LLM } from "plurivox";
import { z } from "zod";
import { is, type AnyIn, type IsAny, type Same } from "./assert.ts";

interface Colours {
  colours: string[];
}
const schema = z.object({ colours: z.array(z.string()) });

const whole = await llm().chat("", { output: schema });
is<Same<typeof whole.output, Colours | undefined>>();
const named = await llm().chat("", { output: { schema, name: "colours", mode: "native" } });
is<Same<typeof named.output, Colours | undefined>>();

const stream = llm().stream("", { output: schema });
for await (const event of stream) if (event.type === "done") is<Same<typeof event.result.output, Colours | undefined>>();
is<Same<Awaited<typeof stream.result>["output"], Colours | undefined>>();

// A transformation: what comes out of the schema, not what goes in.
const transformed = await llm().chat("", { output: z.string().transform(Number) });
is<Same<typeof transformed.output, number | undefined>>();

// What says nothing about the type at compile time is unknown, and never `any`.
const json = await llm().chat("", { output: "json" });
is<Same<typeof json.output, unknown>>();
const jsonSchema = await llm().chat("", { output: { type: "object", properties: { colours: { type: "array" } } } });
is<Same<typeof jsonSchema.output, unknown>>();
const envelope = await llm().chat("", { output: { type: "json_schema", json_schema: { name: "colours", schema: { type: "object" } } } });
is<Same<typeof envelope.output, unknown>>();
const plain = await llm().chat("");
is<Same<typeof plain.output, unknown>>();
is<Same<typeof plain, ChatResult>>();
// The caller may say it, too.
const told = await llm().chat<Colours>("", { output: "json" });
is<Same<typeof told.output, Colours | undefined>>();

// @ts-expect-error: only "json" is short for something.
void llm().chat("", { output: "yaml" });
// @ts-expect-error: the text of an answer is a string.
is<Same<typeof whole.text, number>>();

is<Same<IsAny<ChatResult["output"]>, false>>();
is<Same<AnyIn<ChatResult>, never>>();
is<Same<AnyIn<CallOptions>, never>>();
is<Same<AnyIn<LLM>, never>>();
