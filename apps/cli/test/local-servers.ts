import type { ServerResponse } from "node:http";
import { startLoopback, writePieces, type Loopback } from "../../../packages/conformance/src/index.ts";
import { atEnd } from "./cli.ts";

/** A local server with models that say their own name. */
export interface LocalServer extends Loopback {
  env: Record<string, string>;
  /** Models that were asked something, in order. */
  asked(): unknown[];
}

interface FakeModel {
  name: string;
  capabilities?: string[];
  running?: true;
  /** Ollama passes it on to its cloud. */
  cloud?: true;
  /** Ollama has its name, and knows no more. */
  silent?: true;
}

function json(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

/** What a server has asked of it at `path`, by model. */
function serverOf(server: Loopback, path: string, env: Record<string, string>): LocalServer {
  atEnd(() => server.close());
  const chats = () => server.requests.filter((request) => request.path === path);
  return Object.assign(server, { env, asked: () => chats().map(({ body }) => (body as { model: string }).model) });
}

export async function startOllama(...models: FakeModel[]): Promise<LocalServer> {
  const listed = (some: FakeModel[]) => ({ models: some.map(({ name }) => ({ name, size: 1, digest: "d" })) });
  const server = await startLoopback(async ({ path, body }, response) => {
    const { model } = (typeof body === "object" ? body : {}) as { model?: string };
    if (path === "/api/tags") return json(response, listed(models));
    if (path === "/api/ps") return json(response, listed(models.filter(({ running }) => running)));
    if (path === "/api/show") {
      const { capabilities = ["completion"], cloud, silent } = models.find(({ name }) => name === model)!;
      if (silent) return json(response, { error: "not found" }, 404);
      return json(response, { capabilities, model_info: {}, ...(cloud && { remote_host: "https://ollama.com" }) });
    }
    response.writeHead(200, { "content-type": "application/x-ndjson" });
    const lines = [
      { model, message: { role: "assistant", content: `I am ${model}.` }, done: false },
      { model, message: { role: "assistant", content: "" }, done: true, done_reason: "stop", prompt_eval_count: 12, eval_count: 34 },
    ];
    await writePieces(
      response,
      lines.map((line) => `${JSON.stringify(line)}\n`),
    );
  });
  return serverOf(server, "/api/chat", { OLLAMA_HOST: server.url });
}

export async function startLmStudio(...models: (FakeModel & { type?: string })[]): Promise<LocalServer> {
  const server = await startLoopback(async ({ path, body }, response) => {
    if (path === "/api/v1/models") {
      const listed = models.map(({ name, type = "llm", running }) => ({
        key: name,
        type,
        loaded_instances: running ? [{ id: name }] : [],
      }));
      return json(response, { models: listed });
    }
    const { model } = body as { model: string };
    response.writeHead(200, { "content-type": "text/event-stream" });
    const chunk = (delta: object, finish_reason: string | null) => ({
      id: "c",
      object: "chat.completion.chunk",
      created: 1,
      model,
      choices: [{ index: 0, delta, finish_reason }],
    });
    const chunks = [chunk({ role: "assistant", content: `I am ${model}.` }, null), chunk({}, "stop")];
    await writePieces(response, [...chunks.map((data) => `data: ${JSON.stringify(data)}\n\n`), "data: [DONE]\n\n"]);
  });
  return serverOf(server, "/v1/chat/completions", { LMSTUDIO_BASE_URL: `${server.url}/v1` });
}
