import type { FunctionTool } from "plurivox";

/** A canned answer, in words or as a call of a tool. */
export interface Canned {
  reasoning?: string;
  content?: string;
  toolCall?: { name: string; input: object };
}

/** A question of the show and what the mock answers. */
export interface Scene {
  title: string;
  prompt: string;
  answer: Canned;
  /** The model reasons first. */
  reasons?: true;
  /** A tool that the model may call, what it returns, and what the model says then. */
  tool?: { schema: FunctionTool; output: unknown; answer: Canned };
  /** JSON Schema of the answer. */
  schema?: Record<string, unknown>;
}

const getWeather: FunctionTool = {
  type: "function",
  function: {
    name: "get_weather",
    description: "Current weather of a city",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false },
  },
};

/** What the show asks of each provider. */
export const SCENES: readonly Scene[] = [
  {
    title: "streaming",
    prompt: "What happens when I stream an answer?",
    answer: {
      content:
        "The server sends the answer in small pieces, and each is on your screen as soon as it arrives. This very sentence came over HTTP that way.",
    },
  },
  {
    title: "reasoning",
    prompt: "A bat and a ball cost 1.10 together; the bat costs 1.00 more. What does the ball cost?",
    reasons: true,
    answer: {
      reasoning:
        "0.10 comes to mind, but then the bat would cost 1.10 and both 1.20. With x for the ball: x + x + 1.00 = 1.10, so x = 0.05.",
      content: "The ball costs 0.05, and the bat 1.05.",
    },
  },
  {
    title: "tool call",
    prompt: "What is the weather in Oslo?",
    answer: { toolCall: { name: "get_weather", input: { city: "Oslo" } } },
    tool: { schema: getWeather, output: { celsius: 7, sky: "light rain" }, answer: { content: "It is 7 °C in Oslo, with light rain." } },
  },
  {
    title: "JSON answer",
    prompt: "Describe Oslo as data.",
    answer: { content: '{"name":"Oslo","country":"Norway","coastal":true}' },
    schema: {
      type: "object",
      properties: { name: { type: "string" }, country: { type: "string" }, coastal: { type: "boolean" } },
      required: ["name", "country", "coastal"],
      additionalProperties: false,
    },
  },
];

/** What the mock says to everything that is not in the show. */
export function otherwise(model: string, prompt: string): Canned {
  const excerpt = prompt.length > 60 ? `${prompt.slice(0, 60).trimEnd()}…` : prompt;
  return {
    reasoning: "This is a demo: no model reads the question, so an honest answer can only say that.",
    content:
      `You asked "${excerpt}". This is the demo, so no model has read it: a mock in this process wrote these words, and they came over HTTP ` +
      `exactly as an answer of ${model} would. For a real one, set a provider's API key in the environment or in .env and run the same command again.`,
  };
}
