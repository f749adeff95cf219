import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startLoopback, type Handler, type Loopback } from "../../conformance/src/index.ts";
import { isLlmError, type LLM, type LlmError } from "../src/index.ts";
import { sse, toyContext } from "./toy.ts";

let server: Loopback;
let handle: Handler;
beforeAll(async () => {
  server = await startLoopback((...received) => handle(...received));
});
afterAll(() => server.close());

const client = (): LLM => toyContext(server.url).llm();

async function failure(call: PromiseLike<unknown>): Promise<LlmError> {
  const thrown: unknown = await Promise.resolve(call).then(
    () => expect.unreachable("it should have failed"),
    (error: unknown) => error,
  );
  if (!isLlmError(thrown)) throw thrown;
  return thrown;
}

/**
 * What comes of the words as a body with this status, as one under 200, and as an event of a
 * stream.
 */
async function everyWay(said: string, status: number): Promise<[how: string, error: LlmError][]> {
  const body = JSON.stringify({ error: { message: said } });
  const requests = server.requests.length;
  handle = (_request, response) => void response.writeHead(status, { "content-type": "application/json" }).end(body);
  const whole = await failure(client().chat("Hi"));
  const streamed = await failure(client().stream("Hi").result);
  const embedded = await failure(client().embed("Hi"));
  const sent = server.requests.length - requests;
  handle = (_request, response) => void response.writeHead(200, { "content-type": "application/json" }).end(body);
  const under200 = await failure(client().chat("Hi", { retry: false }));
  const events = sse({ type: "error", facts: { message: said } });
  handle = (_request, response) => void response.writeHead(200, { "content-type": "text/event-stream" }).end(events);
  const inStream = await failure(client().stream("Hi", { retry: false }).result);
  if (whole.kind === "context-length") expect(sent, "nothing should be sent twice").toBe(3);
  return Object.entries({ whole, streamed, embedded, "under 200": under200, "in a stream": inStream });
}

const TOO_LONG: [who: string, status: number, said: string][] = [
  [
    "OpenAI",
    400,
    "This model's maximum context length is 4097 tokens. However, you requested 5000 tokens (1000 in the messages, 4000 in the completion).",
  ],
  ["OpenAI, responses", 400, "Your input exceeds the context window of this model. Please adjust your input and try again."],
  ["Azure", 400, "Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in 300000 tokens."],
  ["Anthropic", 400, "prompt is too long: 213462 tokens > 200000 maximum"],
  ["Anthropic, with the answer", 400, "input length and `max_tokens` exceed context limit: 199000 + 8192 > 200000"],
  ["Gemini", 400, "The input token count (1196265) exceeds the maximum number of tokens allowed (1048576)."],
  ["Vertex AI", 400, "Unable to submit request because the input token count is 1600000 but model only supports up to 1048576."],
  ["Mistral", 400, "Prompt contains 300000 tokens, too large for model with 131072 maximum context length"],
  ["Cohere", 400, "too many tokens: size limit exceeded by 25836 tokens. Try using shorter or fewer inputs."],
  ["Groq", 400, "Please reduce the length of the messages or completion."],
  ["Cerebras", 400, "Please reduce the length of the messages or completion. Current length is 9000 while limit is 8192"],
  [
    "vLLM",
    400,
    "The decoder prompt (length 5000) is longer than the maximum model length of 4096. For image inputs, the number of image tokens depends on the number of images.",
  ],
  ["SGLang", 400, "The input (5000 tokens) is longer than the model's context length (4096 tokens)."],
  ["xAI", 400, "This model's maximum prompt length is 131072 but the request contains 537812 tokens."],
  ["DashScope", 400, "<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 129024]"],
  [
    "TGI, Together",
    422,
    "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 8193. Given: 9000 `inputs` tokens and 100 `max_new_tokens`",
  ],
  ["TEI", 413, "Input validation error: `inputs` must have less than 512 tokens. Given: 600"],
  ["Fireworks", 400, "The prompt is too long: 140000, model maximum context length: 131071"],
  ["Moonshot", 400, "Invalid request: Your request exceeded model token limit: 262144 (requested: 300000)"],
  ["Z.ai", 400, "Prompt exceeds max length"],
  ["Zhipu", 400, "Prompt 超长"],
  ["Bedrock", 400, "Input is too long for requested model."],
  ["Titan", 400, "Malformed input request: expected maxLength: 50000, actual: 60000, please reformat your input and try again."],
  ["MiniMax", 500, "invalid params, context window exceeds limit (2013)"],
  ["llama-server", 400, "request (5000 tokens) exceeds the available context size (4096 tokens), try increasing it"],
  ["llama-server, while it answers", 500, "Context size has been exceeded."],
  [
    "llama-server, embeddings",
    500,
    "input (600 tokens) is too large to process. increase the physical batch size (current batch size: 512)",
  ],
  ["LM Studio", 400, "The number of tokens to keep from the initial prompt is greater than the context length."],
  ["LM Studio 0.3", 400, "Trying to keep the first 5000 tokens when context the overflows."],
  ["Ollama", 400, "prompt too long; exceeded max context length by 1234 tokens"],
  ["Ollama, embeddings", 500, "the input length exceeds the context length"],
  [
    "OpenRouter",
    400,
    "This endpoint's maximum context length is 262144 tokens. However, you requested about 300000 tokens (299000 of text input, 1000 in the output).",
  ],
  ["LiteLLM", 500, "litellm.ContextWindowExceededError: litellm.BadRequestError: OpenAIException - too long"],
  ["GitHub Copilot", 400, "prompt token count of 130000 exceeds the limit of 128000"],
  ["GitHub Models", 413, "Request body too large for gpt-4o-mini model. Max size: 8000 tokens."],
  [
    "Voyage",
    400,
    "The example at index 0 in your batch has too many tokens and does not fit into the model's context window of 16000 tokens.",
  ],
  ["Cloudflare", 413, "The estimated number of input and maximum output tokens (30000) exceeded this model context window limit (24000)"],
  ["a gateway, busy as it says", 503, "upstream: maximum context length is 8192 tokens"],
  ["a server that repeats the prompt", 400, `${"word ".repeat(100_000)}: prompt is too long`],
];

const SOMETHING_ELSE: [who: string, status: number, said: string][] = [
  ["Bedrock, throttling", 400, "Too many tokens, please wait before trying again."],
  [
    "Groq, by the minute",
    413,
    "Request too large for model `x` on tokens per minute (TPM): Limit 6000, Requested 7000, please reduce your message size and try again.",
  ],
  ["Anthropic, by the minute", 400, "This request would exceed your organization's rate limit of 30,000 input tokens per minute"],
  ["a used-up day", 400, "You have exceeded your daily token limit"],
  [
    "OpenAI, the answer",
    400,
    "max_tokens is too large: 5000. This model supports at most 4096 completion tokens, whereas you provided 5000.",
  ],
  ["Anthropic, the answer", 400, "max_tokens: 100000 > 64000, which is the maximum allowed number of output tokens"],
  [
    "Groq, the answer",
    400,
    "`max_tokens` must be less than or equal to `8192`, the maximum value for `max_tokens` is less than the `context_window` for this model",
  ],
  ["DeepSeek, the answer", 400, "Invalid max_tokens value, the valid range of max_tokens is [1, 8192]"],
  ["Cohere, the answer", 400, "too many tokens: max tokens must be less than or equal to 4096 - received 5000"],
  [
    "Vertex AI, the answer",
    400,
    "Unable to submit request because it has a maxOutputTokens value of 100000 but the supported range is from 1 to 65537",
  ],
  ["an answer that grew too long", 500, "The response exceeded the maximum output length"],
  ["bytes", 413, "Request size exceeds model limit of 32 MB"],
  ["bytes of Google", 400, "Request payload size exceeds the limit: 20971520 bytes."],
  ["a picture", 400, "messages.0.content.1.image.source.base64: image exceeds 5 MB maximum: 6291456 bytes > 5242880 bytes"],
  ["a picture's side", 400, "image dimensions exceed max allowed size: 8000 pixels"],
  ["a field that is no prompt", 400, "Invalid 'user': string too long. Expected a string with maximum length 64"],
  ["a rate limit", 429, "This model's maximum context length is 8192 tokens"],
  ["a bad key", 401, "prompt is too long"],
];

describe("a prompt that is too long, in the words of", () => {
  test.each(TOO_LONG)("%s", async (_, status, said) => {
    for (const [how, error] of await everyWay(said, status)) {
      expect({ how, kind: error.kind, retryable: error.retryable }).toEqual({ how, kind: "context-length", retryable: false });
      expect(error.hint, how).toContain("larger context window");
    }
  });
});

describe("no prompt that is too long:", () => {
  test.each(SOMETHING_ELSE)("%s", async (_, status, said) => {
    handle = (_request, response) => void response.writeHead(status).end(JSON.stringify({ error: { message: said } }));
    const once = { retry: false } as const;
    for (const call of [() => client().chat("Hi", once), () => client().stream("Hi", once).result])
      expect((await failure(call())).kind).not.toBe("context-length");
  });

  test("hostile words cost no time", async () => {
    const evil = ["exceed ", "max_tokens ", "input (", "prompt tokens ", "image exceed ", "context length ", " "].map((word) =>
      word.repeat(300_000),
    );
    for (const said of evil) {
      handle = (_request, response) => void response.writeHead(400).end(JSON.stringify({ error: { message: said } }));
      const started = performance.now();
      await failure(client().chat("Hi"));
      expect(performance.now() - started).toBeLessThan(2_000);
    }
  });
});

describe("what to do", () => {
  test.each([400, 401, 402, 403, 404, 405, 408, 409, 410, 413, 415, 422, 425, 429, 500, 502, 503, 504, 520, 529])(
    "status %i has a hint",
    async (status) => {
      handle = (_request, response) => void response.writeHead(status).end(JSON.stringify({ error: { message: "No" } }));
      const once = { retry: false } as const;
      for (const call of [() => client().chat("Hi", once), () => client().embed("Hi", once)]) {
        const { hint, message } = await failure(call());
        expect(hint).toMatch(/^[A-Z].{20,}\.$/);
        expect(message).toContain(hint);
      }
    },
  );

  test.each<[form: string, body: unknown, said: string]>([
    ["a text", "All is lost", "All is lost"],
    ["FastAPI's", { detail: "All is lost" }, "All is lost"],
    ["FastAPI's list", { detail: [{ loc: ["body"], msg: "All is lost" }] }, "All is lost"],
    ["Cloudflare's", { success: false, errors: [{ code: 5021, message: "All is lost" }] }, "All is lost"],
    ["a list", [{ error: { message: "All is lost" } }], "All is lost"],
    ["nothing", {}, "The vendor answered 400."],
    ["nothing in a deep place", { error: { error: { error: { error: "All is lost" } } } }, "The vendor answered 400."],
  ])("an error in the form of %s is read", async (_, body, said) => {
    handle = (_request, response) => void response.writeHead(400).end(typeof body === "string" ? body : JSON.stringify(body));
    expect((await failure(client().chat("Hi"))).message).toContain(said);
  });
});
