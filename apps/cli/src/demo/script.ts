import type { CallOptions, FunctionTool } from "plurivox";

/** A canned answer, in words or as a call of a tool. */
export interface Canned {
  reasoning?: string;
  content?: string;
  toolCall?: { name: string; input: object };
}

const getWeather: FunctionTool = {
  type: "function",
  function: {
    name: "get_weather",
    description: "Current weather of a city",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false },
  },
};

/** What is asked on every wire: the model reasons where it can, calls the tool, reads what it returns and answers. */
export const WEATHER: { prompt: string; tool: FunctionTool; output: unknown; call: Canned; answer: Canned } = {
  prompt: "What is the weather in Oslo?",
  tool: getWeather,
  output: { celsius: 7, sky: "light rain" },
  call: { reasoning: "I have to look.", toolCall: { name: "get_weather", input: { city: "Oslo" } } },
  answer: { content: "7 °C and light rain." },
};

/** How the mock fails before it answers. */
export type Fault = "rate-limit" | "cut" | "down";

/** What is asked on one wire, to show one more thing. */
export interface Scene {
  title: string;
  /** Of a wire. */
  wire: string;
  prompt: string;
  answer: Canned;
  fault?: Fault;
  call?: CallOptions;
}

export const SCENES: readonly Scene[] = [
  {
    title: "data, by a schema",
    wire: "openai",
    prompt: "Describe Oslo as data.",
    answer: { content: '{"name":"Oslo","country":"Norway","coastal":true}' },
    call: {
      output: {
        type: "object",
        properties: { name: { type: "string" }, country: { type: "string" }, coastal: { type: "boolean" } },
        required: ["name", "country", "coastal"],
        additionalProperties: false,
      },
    },
  },
  {
    title: "rate limit",
    wire: "google",
    prompt: "Have you got a minute?",
    fault: "rate-limit",
    answer: { content: "At the second try, yes." },
  },
  {
    title: "broken stream",
    wire: "anthropic",
    prompt: "Say something long.",
    fault: "cut",
    answer: { content: "A sentence that breaks off is never taken for a whole one." },
    call: { retry: { midStream: true } },
  },
  {
    title: "fallback",
    wire: "openai-chat",
    prompt: "Is anybody there?",
    fault: "down",
    answer: { content: "I am, in its place." },
    call: { retry: false, fallback: ["mistral"] },
  },
];

/** What the mock says to everything that is not in the show. */
export function otherwise(model: string, prompt: string): Canned {
  const excerpt = prompt.length > 60 ? `${prompt.slice(0, 60).trimEnd()}…` : prompt;
  return {
    reasoning: "This is a demo: no model reads the question, so an honest answer can only say that.",
    content:
      `You asked "${excerpt}". This is the demo, so no model has read it: a mock in this process wrote these words, and they came over HTTP ` +
      `exactly as an answer of ${model} would. For a real one, set a provider's API key in the environment or in .env, or start Ollama or ` +
      `LM Studio with a model, and run the same command again.`,
  };
}
