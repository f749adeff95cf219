import { isLlmError, LlmError, loadRequestTools, type RequestTools } from "@plurivox/core/provider";
import type { ListResponse, Ollama, ShowResponse } from "ollama/browser";
import { toBaseURL } from "./base-url.ts";
import { connect } from "./client.ts";
import { contextTokens } from "./context-window.ts";
import { errorFacts } from "./errors.ts";
import { DEFAULT_BASE_URL } from "./quirks.ts";

export interface OllamaModelsSettings {
  /** Default: "http://127.0.0.1:11434". Takes what OLLAMA_HOST takes; the environment is not read. */
  baseURL?: string;
  apiKey?: string;
  fetch?: typeof fetch;
  /** Ends everything that is under way, with `aborted`. */
  signal?: AbortSignal;
}

/** A model that is on the server. `sizeBytes` is on disk. */
export interface OllamaModelSummary {
  name: string;
  sizeBytes: number;
  digest: string;
  /** ISO 8601. */
  modifiedAt?: string;
  /** Only of models that are in memory: ISO 8601, and bytes of the graphics card. */
  expiresAt?: string;
  vramBytes?: number;
  family?: string;
  /** Such as "8.2B". */
  parameterSize?: string;
  /** Such as "Q4_K_M". */
  quantization?: string;
}

/** `capabilities` in the vendor's words: "completion", "tools", "thinking", "vision", … `raw` is all that the server says. */
export interface OllamaModelInfo {
  contextTokens?: number;
  capabilities: string[];
  raw: Record<string, unknown>;
}

/** `completed` and `total` are bytes of the layer that `digest` names. The last status is "success". */
export interface OllamaPullProgress {
  status: string;
  digest?: string;
  completed?: number;
  total?: number;
}

/** All of it throws `LlmError`. */
export interface OllamaModels {
  list(): Promise<OllamaModelSummary[]>;
  /** Those that are in memory. */
  running(): Promise<OllamaModelSummary[]>;
  /** `not-found` where the model is not there. */
  show(model: string): Promise<OllamaModelInfo>;
  /** Downloads a model; nothing is sent before the first step is asked for, and leaving the loop ends the download. What is there already is kept. */
  pull(model: string): AsyncGenerator<OllamaPullProgress, void, undefined>;
  delete(model: string): Promise<void>;
}

/** The models on an Ollama server. */
export function ollamaModels(settings: OllamaModelsSettings = {}): OllamaModels {
  const ask = async <T>(question: (sdk: Ollama) => Promise<T>, model?: string): Promise<T> => {
    const { sdk, toError } = await open(settings, "real", model);
    return question(sdk).catch((thrown: unknown) => Promise.reject(toError(thrown)));
  };
  return {
    list: () => ask(async (sdk) => (await sdk.list()).models.map(toSummary)),
    running: () => ask(async (sdk) => (await sdk.ps()).models.map(toSummary)),
    show: (model) => ask(async (sdk) => toInfo(await sdk.show({ model })), model),
    delete: (model) => ask(async (sdk) => void (await sdk.delete({ model })), model),
    async *pull(model) {
      const { sdk, exchange, tools, toError } = await open(settings, "empty", model);
      let last: string | undefined;
      try {
        await sdk.pull({ model, stream: true });
        for await (const line of readLines(exchange.reply!, tools)) {
          if (line.error !== undefined) throw tools.toLlmError(errorFacts({ body: line }), {});
          last = line.status;
          yield line;
        }
        if (last === undefined) throw new TypeError("Nothing came.");
        if (last !== "success") throw cutShort(`The download ended at "${last}".`);
      } catch (thrown) {
        throw toError(thrown);
      } finally {
        exchange.reply?.cancel();
      }
    },
  };
}

/** One request. `toError` says what became of it: our own reason first, then the server's word, then the socket's. */
async function open({ apiKey, fetch, signal, ...settings }: OllamaModelsSettings, hands: "real" | "empty", model?: string) {
  const baseURL = toBaseURL(settings.baseURL ?? DEFAULT_BASE_URL);
  const secrets = apiKey === undefined ? [] : [apiKey];
  const tools = await loadRequestTools();
  const exchange = tools.openExchange({ signal: signal ?? new AbortController().signal, fetch, hands, secrets });
  const { sdk } = await connect({ apiKey, baseURL, headers: {}, fetch: exchange.fetch });
  const known = { provider: "ollama", model };
  function toError(thrown: unknown): LlmError {
    const { status, headers: received, errorText, failure } = exchange;
    const cause = failure ?? thrown;
    if (signal?.aborted) return new LlmError("aborted", "The call was aborted.", { ...known, cause: signal.reason });
    if (isLlmError(cause)) return cause.complete(known);
    if (errorText !== undefined)
      return tools.toLlmError(errorFacts({ body: parsed(errorText) }), { ...known, status, headers: received, cause });
    if (failure !== undefined) return new LlmError("connection", `Could not reach ${baseURL} (${wordsOf(failure)}).`, { ...known, cause });
    return new LlmError("invalid-response", "What came is not Ollama's.", { ...known, cause, hint: "Check the base URL." });
  }
  return { sdk, exchange, tools, toError };
}

type Line = OllamaPullProgress & { error?: unknown };
type Reply = NonNullable<ReturnType<RequestTools["openExchange"]>["reply"]>;

async function* readLines(reply: Reply, { readNdjson }: RequestTools): AsyncGenerator<Line, void, undefined> {
  const came: Line[] = [];
  const lines = readNdjson({ event: (line) => came.push(line as Line) > 0 });
  for (let more = true; more;) {
    more = await reply.more().catch((cause: unknown) => Promise.reject(cutShort("The connection broke.", cause)));
    if (more) lines.push(reply.take());
    else lines.end();
    yield* came.splice(0);
    if (lines.fault !== undefined) throw lines.fault;
  }
}

function cutShort(what: string, cause?: unknown): LlmError {
  return new LlmError("incomplete-stream", what, { cause, hint: "Pull again: what is there already is kept." });
}

type Listed = Partial<ListResponse["models"][number]> & { name: string; size: number; digest: string };

/** Dates are texts, whatever the SDK's types say. */
function toSummary(model: Listed): OllamaModelSummary {
  const { name, size: sizeBytes, digest, modified_at, expires_at, size_vram: vramBytes, details } = model;
  const { family, parameter_size: parameterSize, quantization_level: quantization } = details ?? {};
  const dates = { modifiedAt: modified_at as string | undefined, expiresAt: expires_at as string | undefined };
  return { name, sizeBytes, digest, ...dates, vramBytes, family, parameterSize, quantization };
}

function toInfo(shown: ShowResponse): OllamaModelInfo {
  return { contextTokens: contextTokens(shown), capabilities: shown.capabilities ?? [], raw: { ...shown } };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The socket's code, or the message. */
function wordsOf(failure: unknown): string {
  const { code, cause, message } = failure as { code?: string; cause?: { code?: string }; message?: string };
  return code ?? cause?.code ?? String(message);
}
