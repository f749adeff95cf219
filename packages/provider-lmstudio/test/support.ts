import { createContext, type LLM, type ProfileSettings } from "@plurivox/core";
import { startLoopback, type Loopback } from "@plurivox/conformance";
import { lmstudio } from "../src/index.ts";

/** A client for a loopback server, without retries. */
export function client(baseURL: string, settings: ProfileSettings = {}): LLM {
  const profile = { provider: "lmstudio", model: "qwen/qwen3-4b", baseURL: `${baseURL}/v1`, retry: false as const, ...settings };
  return createContext({ providers: [lmstudio()], profiles: { default: profile }, env: { PLURIVOX_NO_NETWORK: "1" } }).llm();
}

interface FakeModel {
  type?: "llm" | "embedding";
  maxContextLength: number;
  /** Context lengths by the ids of what is in memory. */
  loaded: Record<string, number>;
}

/** As much of LM Studio as loading models takes: it keeps what it is told. `old`: one from before 0.4. */
export async function fakeLmStudio(
  models: Record<string, FakeModel>,
  old = false,
): Promise<Loopback & { models: Record<string, FakeModel> }> {
  const v1 = () => ({
    models: Object.entries(models).map(([key, { type = "llm", maxContextLength, loaded }]) => ({
      type,
      key,
      max_context_length: maxContextLength,
      loaded_instances: Object.entries(loaded).map(([id, context_length]) => ({ id, config: { context_length } })),
    })),
  });
  const v0 = () => ({
    object: "list",
    data: Object.entries(models).map(([id, { type, maxContextLength, loaded }]) => ({
      id,
      type: type === "embedding" ? "embeddings" : "llm",
      state: Object.keys(loaded).length > 0 ? "loaded" : "not-loaded",
      max_context_length: maxContextLength,
      loaded_context_length: Object.values(loaded)[0],
    })),
  });

  function load({ model, context_length }: { model: string; context_length?: number }): object {
    const known = models[model];
    if (known === undefined) return missing(`Model "${model}" not found`);
    const copies = Object.keys(known.loaded).length;
    const id = copies === 0 ? model : `${model}:${copies + 1}`;
    known.loaded[id] = context_length ?? 4096;
    return { type: "llm", instance_id: id, status: "loaded", load_time_seconds: 0.1, load_config: { context_length: known.loaded[id] } };
  }

  function unload({ instance_id: id }: { instance_id: string }): object {
    const owner = Object.values(models).find(({ loaded }) => id in loaded);
    if (owner === undefined) return missing(`No instance "${id}"`);
    delete owner.loaded[id];
    return { instance_id: id };
  }

  function chat({ model, messages }: { model: string; messages: { content: string }[] }): object {
    const tokens = messages.map(({ content }) => content.split(" ").length + 4).reduce((sum, count) => sum + count, 0);
    return {
      id: "chatcmpl-1",
      model,
      choices: [{ index: 0, message: { role: "assistant", content: "ok" }, finish_reason: "stop" }],
      usage: { prompt_tokens: tokens, completion_tokens: 1, total_tokens: tokens + 1 },
    };
  }

  const missing = (message: string) => ({ http: 404, error: { message, type: "invalid_request", code: "model_not_found" } });
  const server = await startLoopback(({ path, body }, response) => {
    const answers: Record<string, () => object> = {
      "/api/v0/models": v0,
      "/v1/chat/completions": () => chat(body as never),
      ...(!old && {
        "/api/v1/models": v1,
        "/api/v1/models/load": () => load(body as never),
        "/api/v1/models/unload": () => unload(body as never),
      }),
    };
    const { http = 200, ...reply } = (answers[path]?.() ?? { error: `Unexpected endpoint or method. (POST ${path})` }) as { http?: number };
    response.writeHead(http, { "content-type": "application/json" }).end(JSON.stringify(reply));
  });
  return Object.assign(server, { models });
}
