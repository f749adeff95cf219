import { defineChat, defineProvider, once, type ChatWire, type Connection, type EmbedWire, type Provider } from "@plurivox/core/provider";
import { errorFacts } from "./errors.ts";
import { DEFAULT_MODEL, EMBED_WIRE, FAMILIES, VERTEX_EMBED_WIRE, WIRE } from "./models.ts";
import type { GoogleSettings } from "./options.ts";
import { API_VERSION, HOST, RESULT_FILES, TOOL_NAMES, VERSION_AT_END, VERTEX_API_VERSION, vertexHost } from "./quirks.ts";
import type { GenerateRequest } from "./request.ts";

/** Google's Gemini models, over generateContent and batchEmbedContents of the Gemini API or of Vertex AI. Reads GOOGLE_API_KEY or GEMINI_API_KEY. The SDK is loaded by the first call. */
export function google(settings: GoogleSettings = {}): Provider {
  const { vertexai, baseURL = vertexai === undefined ? HOST : vertexHost(vertexai.location ?? "global") } = settings;
  return defineProvider({
    id: "google",
    baseURL,
    env:
      vertexai === undefined
        ? { apiKey: ["GEMINI_API_KEY"], baseURL: ["GOOGLE_GEMINI_BASE_URL"], model: ["GEMINI_MODEL"], embedModel: ["GEMINI_EMBED_MODEL"] }
        : {},
    families: FAMILIES,
    defaultModel: DEFAULT_MODEL,
    chat: chatOn(vertexai !== undefined),
    embed: embedOn(vertexai !== undefined),
    connect: (to) => connect(to, settings),
    errorFacts,
  });
}

function chatOn(vertexai: boolean): ChatWire {
  return {
    capabilities: WIRE,
    madeFiles: "any",
    toolNames: TOOL_NAMES,
    resultFiles: RESULT_FILES,
    load: once(async () => {
      const [{ strictness, toRequest }, { fromResponse, fromStream }] = await Promise.all([
        import("./request.ts"),
        import("./response.ts"),
      ]);
      return defineChat({
        untouched: true,
        strictness,
        toRequest: (call) => toRequest(call, vertexai),
        send: (client: Awaited<ReturnType<typeof connect>>, request: GenerateRequest, { stream }) => client.generate(request, stream),
        framing: "sse",
        fromResponse,
        fromStream,
      });
    }),
  };
}

function embedOn(vertexai: boolean): EmbedWire {
  const wire = vertexai ? VERTEX_EMBED_WIRE : EMBED_WIRE;
  return { ...wire, load: once(async () => (await import("./embed.ts")).toEmbedAdapter(vertexai)) };
}

/** The entry for browsers loads in a quarter of the time, and reads no environment. */
const loadSender = once(async () => {
  const { GoogleGenAI } = await import("@google/genai/web");

  /** Sends by what `models.generateContent` sends with, and not by that itself, which knows each field of a body by name and drops the others. */
  return class Sender extends GoogleGenAI {
    readonly #place: GoogleSettings["vertexai"];

    constructor(
      to: Pick<Connection, "headers" | "fetch"> & { apiKey: string; apiVersion: string; baseUrl: string },
      place: GoogleSettings["vertexai"],
    ) {
      const { apiKey, apiVersion, baseUrl, headers, fetch } = to;
      super({ apiKey: "set below", apiVersion, httpOptions: { baseUrl, fetch } });
      this.#place = place;
      // The SDK would warn where there is no key, has no bearer tokens here, and appends a caller's headers to its own.
      this.apiClient.clientOptions.auth = {
        async addAuthHeaders(into: Headers): Promise<void> {
          for (const [name, value] of Object.entries(headers)) into.set(name, value);
          if (into.has("authorization") || into.has("x-goog-api-key")) return;
          if (place === undefined) into.set("x-goog-api-key", apiKey);
          else into.set("authorization", `Bearer ${apiKey}`);
        },
      };
    }

    generate({ model, ...body }: GenerateRequest, stream: boolean): Promise<unknown> {
      return this.post(model, stream ? "streamGenerateContent?alt=sse" : "generateContent", body);
    }

    post(model: string, method: string, body: object): Promise<unknown> {
      const path = `${pathOf(model, this.#place)}:${method}`;
      return this.apiClient.request({ path, body: JSON.stringify(body), httpMethod: "POST" });
    }
  };
});

async function connect({ apiKey = "", baseURL, apiVersion, headers, fetch }: Connection, { vertexai, apiVersion: fixed }: GoogleSettings) {
  const Sender = await loadSender();
  const inURL = VERSION_AT_END.exec(baseURL)?.[1];
  const version = apiVersion ?? inURL ?? fixed ?? (vertexai === undefined ? API_VERSION : VERTEX_API_VERSION);
  const baseUrl = inURL === undefined ? baseURL : baseURL.slice(0, -inURL.length - 1);
  return new Sender({ apiKey, apiVersion: version, baseUrl, headers, fetch }, vertexai);
}

/** A bare model is one of Google's; tuned ones, endpoints and other publishers' have a path of their own. */
function pathOf(model: string, vertexai: GoogleSettings["vertexai"]): string {
  const path = model.split("/").map(encodeURIComponent).join("/");
  if (vertexai === undefined) return path.includes("/") ? path : `models/${path}`;
  const { project, location = "global" } = vertexai;
  const name = path.includes("/") ? path : `publishers/google/models/${path}`;
  return name.startsWith("projects/") ? name : `projects/${project}/locations/${location}/${name}`;
}
