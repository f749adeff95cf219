import { openaiChat, testProvider, type ReceivedCall, type Wire } from "@plurivox/conformance";
import { test, vi } from "vitest";
import { lmstudio } from "../src/index.ts";

// The kit bounds its own waits; a busy machine may take long for the rest.
vi.setConfig({ testTimeout: 30_000 });

/** OpenAI's chat completions as LM Studio takes them: ids of any length, no tool by its name, a schema for any JSON object, errors as bare text. */
const lmstudioChat: Wire = {
  ...openaiChat,
  toolCallId: /^.+$/s,
  lacks: ["tool-by-name"],
  read(request) {
    const { response_format: format } = request.body as { response_format?: { type: string } };
    // https://lmstudio.ai/docs/developer/openai-compat/structured-output: 'response_format.type' must be 'json_schema' or 'text'.
    if (format?.type === "json_object") throw new TypeError("'response_format.type' must be 'json_schema' or 'text'");
    const call = openaiChat.read(request);
    return isAnyObject(call) ? { ...call, output: {} } : call;
  },
  error: (_status, message) => JSON.stringify({ error: message }),
  errors: (message) => [
    {
      what: "a prompt that is too long",
      status: 400,
      kind: "context-length",
      body: JSON.stringify({
        error: `${message} The number of tokens to keep from the initial prompt is greater than the context length (n_keep: 13055>= n_ctx: 4096).`,
      }),
    },
  ],
  streamErrors: (message) => [
    { what: "an engine that fails", kind: "server", frame: `event: error\ndata: ${JSON.stringify({ error: { message }, message })}\n\n` },
    { what: "the same without a name", kind: "server", frame: `data: ${JSON.stringify({ error: message })}\n\n` },
  ],
};

function isAnyObject({ output }: ReceivedCall): boolean {
  return output?.schema !== undefined && JSON.stringify(output.schema) === '{"type":"object"}';
}

const env = [
  "LMSTUDIO_API_KEY",
  "LM_API_TOKEN",
  "OPENAI_API_KEY",
  "OPENAI_BASE_URL",
  "OPENAI_CUSTOM_HEADERS",
  "OPENAI_LOG",
  "OPENAI_ORG_ID",
  "OPENAI_PROJECT_ID",
];

testProvider(test, {
  provider: lmstudio(),
  wire: lmstudioChat,
  model: "openai/gpt-oss-20b",
  env,
});
