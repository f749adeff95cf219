import { LlmError, type Connection } from "@plurivox/core/provider";
import type { OpenAiApi, Place } from "@plurivox/provider-openai-compatible";
import { DATED, INFERENCE_VERSION, JSON_WEB_TOKEN, LAST_DATED_VERSION, RESPONSES_SINCE } from "./quirks.ts";

/** How calls reach Azure. `isToken`: the key is an Entra token, whatever it looks like. */
export function toPlace({ apiKey = "", baseURL, apiVersion }: Connection, isToken: boolean): Place {
  const address = toAddress(baseURL);
  const version = address.version ?? apiVersion;
  return {
    headers: isToken || JSON_WEB_TOKEN.test(apiKey) ? { authorization: `Bearer ${apiKey}` } : { "api-key": apiKey },
    aim: (wire, body) => {
      const named = address.deployment === undefined || !isOf(address, wire) ? body : { ...body, model: address.deployment };
      return { url: toUrl(address, version, wire, String(named.model)), body: address.api === "/models" ? withOldLimit(named) : named };
    },
  };
}

/** A base URL, taken apart. */
interface Address {
  /** Up to the path of an API. */
  root: string;
  /** The path that says which API: v1, dated, or model inference. Absent where only the endpoint is given. */
  api?: string | undefined;
  deployment?: string | undefined;
  version?: string | undefined;
  /** What the address is for, where it is a whole target URI. */
  end?: string | undefined;
}

type ApiPath = OpenAiApi | "embeddings";

const ENDS: Readonly<Record<ApiPath, string>> = { chat: "chat/completions", responses: "responses", embeddings: "embeddings" };

/** A target URI of a chat's deployment says nothing of embeddings, nor the other way round. */
function isOf({ end }: Address, wire: ApiPath): boolean {
  return end === undefined || (end === ENDS.embeddings) === (wire === "embeddings");
}

const API_PATH = /^(.*?)(\/openai\/v1|\/v1|\/openai|\/models)?(?:\/deployments\/([^/]+))?$/;

/** Takes whatever people have: the bare endpoint, any API's base URL, or the whole target URI that the portal shows for a deployment. */
function toAddress(baseURL: string): Address {
  const { origin, pathname, searchParams } = new URL(baseURL);
  const end = /\/(chat\/completions|responses|embeddings)\/*$/.exec(pathname);
  const path = pathname.slice(0, end?.index).replace(/\/*$/, "");
  const [, root = "", api, deployment] = API_PATH.exec(path) ?? [];
  return {
    root: origin + root,
    api,
    deployment: deployment && decodeURIComponent(deployment),
    version: searchParams.get("api-version") ?? undefined,
    end: end?.[1],
  };
}

function toUrl({ root, api, deployment, version: own }: Address, version: string | undefined, wire: ApiPath, model: string): string {
  const end = `/${ENDS[wire]}`;
  if (api === "/models") {
    // A version that the profile or the environment names is of the other APIs.
    if (wire !== "responses") return `${root}${api}${end}?api-version=${own ?? INFERENCE_VERSION}`;
    const hint = `Set api: "chat" in the profile, or leave "/models" out of the base URL.`;
    throw new LlmError("configuration", "The model inference API has no responses.", { provider: "azure", hint });
  }
  const date = isDate(version) ? version : deployment === undefined ? undefined : LAST_DATED_VERSION;
  if (api?.endsWith("/v1") || date === undefined || (wire === "responses" && date < RESPONSES_SINCE)) {
    const feature = version === undefined || isDate(version) ? "" : `?api-version=${version}`;
    return `${root}${api?.endsWith("/v1") ? api : "/openai/v1"}${end}${feature}`;
  }
  const place = wire !== "responses" ? `/openai/deployments/${encodeURIComponent(model)}` : "/openai";
  return `${root}${place}${end}?api-version=${date}`;
}

function isDate(version: string | undefined): version is string {
  return version !== undefined && DATED.test(version);
}

/** Model inference knows the limit by its old name, and refuses what it does not know. */
function withOldLimit<Body extends object>(body: Body): Body {
  const { max_completion_tokens: limit }: { max_completion_tokens?: unknown } = body;
  return limit === undefined ? body : { ...body, max_tokens: limit, max_completion_tokens: undefined };
}
