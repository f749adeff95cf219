import { isLlmError, LlmError, loadRequestTools } from "@plurivox/core/provider";
import { errorFacts } from "@plurivox/provider-openai-compatible";
import type { LmStudioModelInfo, LmStudioModels, LmStudioModelsSettings } from "./models-api.ts";
import { API_ROOT, BASE_URL, NO_ENDPOINT } from "./quirks.ts";

type Json = Record<string, unknown>;

/** LM Studio's own API, which lives beside OpenAI's. https://lmstudio.ai/docs/developer/rest (2026-11) */
export function openModels(settings: LmStudioModelsSettings): LmStudioModels {
  const { baseURL = BASE_URL, apiKey, headers = {}, fetch, signal = new AbortController().signal } = settings;
  const root = baseURL.replace(API_ROOT, "");

  /** GET, or POST with a body. */
  async function ask(path: string, body?: Json): Promise<Json> {
    const { openExchange, secretsOf, toLlmError } = await loadRequestTools();
    const exchange = openExchange({ signal, fetch, hands: "real", secrets: secretsOf(headers, apiKey) });
    const credentials = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
    const request = {
      method: body === undefined ? "GET" : "POST",
      headers: { "content-type": "application/json", ...credentials, ...headers },
    };
    const response = await exchange.fetch(`${root}${path}`, { ...request, ...(body && { body: JSON.stringify(body) }) }).catch(unreachable);
    const reply: unknown = await response.json().catch(() => undefined);
    if (response.ok && typeof reply === "object" && reply !== null && !("error" in reply)) return reply as Json;
    const facts = errorFacts({ body: reply });
    // What LM Studio does not know it refuses with status 200.
    if (NO_ENDPOINT.test(facts.message ?? ""))
      throw new LlmError("unsupported", `This LM Studio has no ${path}.`, { provider: "lmstudio", hint: "Use LM Studio 0.4 or later." });
    throw toLlmError(facts, { provider: "lmstudio", headers: response.headers, ...(!response.ok && { status: response.status }) });
  }

  function unreachable(cause: unknown): never {
    if (signal.aborted) throw new LlmError("aborted", "It was aborted.", { provider: "lmstudio", cause });
    if (isLlmError(cause)) throw cause;
    const hint = "Start its server, or check the base URL.";
    throw new LlmError("connection", `Could not reach LM Studio at ${root}.`, { provider: "lmstudio", cause, hint });
  }

  async function list(): Promise<LmStudioModelInfo[]> {
    const reply = await ask("/api/v1/models").catch((error: unknown) => {
      if (isLlmError(error) && error.kind === "unsupported") return ask("/api/v0/models");
      throw error;
    });
    return ((reply["models"] ?? reply["data"] ?? []) as Json[]).map(toInfo);
  }

  return {
    list,
    async load(model, options = {}) {
      const config = Object.entries(options).map(([name, value]) => [
        name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
        value,
      ]);
      const reply = await ask("/api/v1/models/load", { model, ...Object.fromEntries(config), echo_load_config: true });
      const { context_length: got } = (reply["load_config"] ?? {}) as { context_length?: number };
      return { id: String(reply["instance_id"] ?? reply["model_instance_id"]), contextLength: got };
    },
    async unload(model) {
      const ids = (await list())
        .flatMap(({ key, instances }) => instances.filter(({ id }) => key === model || id === model))
        .map(({ id }) => id);
      for (const id of ids) await ask("/api/v1/models/unload", { instance_id: id });
      return ids;
    },
    async contextLength(model) {
      const info = findModel(await list(), model);
      if (info === undefined) throw new LlmError("not-found", `LM Studio has no model "${model}".`, { provider: "lmstudio", model });
      const instance = info.instances.find(({ id }) => id === model) ?? info.instances[0];
      return instance?.contextLength ?? info.maxContextLength;
    },
    async countTokens(model, prompt) {
      const messages = typeof prompt === "string" ? [{ role: "user", content: prompt }] : prompt;
      const { usage } = await ask("/v1/chat/completions", { model, messages, max_tokens: 1 });
      const count = (usage as { prompt_tokens?: number } | undefined)?.prompt_tokens;
      if (count === undefined) throw new LlmError("invalid-response", "LM Studio did not count.", { provider: "lmstudio", model });
      return count;
    },
  };
}

/** The model of that key, or the one that an instance of that id is of. */
export function findModel(models: readonly LmStudioModelInfo[], model: string): LmStudioModelInfo | undefined {
  return models.find(({ key }) => key === model) ?? models.find(({ instances }) => instances.some(({ id }) => id === model));
}

/** The newer of the two APIs has instances; the older only says whether there is one. */
function toInfo(raw: Json): LmStudioModelInfo {
  const key = String(raw["key"] ?? raw["id"]);
  const one = raw["state"] === "loaded" ? [{ id: key, config: { context_length: raw["loaded_context_length"] } }] : [];
  const loaded = (raw["loaded_instances"] ?? one) as { id: string; config?: { context_length?: number } }[];
  return {
    key,
    type: String(raw["type"]).startsWith("embedding") ? "embedding" : "llm",
    maxContextLength: raw["max_context_length"] as number | undefined,
    instances: loaded.map(({ id, config }) => ({ id, contextLength: config?.context_length })),
    raw,
  };
}
