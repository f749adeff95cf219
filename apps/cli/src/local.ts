import { isLlmError, keyVariables, lmstudioModels, ollamaModels, type Context, type LLM } from "plurivox";
import type { Environment } from "./environment.ts";
import type { Output } from "./output.ts";

/** A server on this machine, where it is looked for, and what finds its model. */
interface LocalServer {
  provider: string;
  name: string;
  /** The variables that say where it is: the first that is set wins. */
  variables: readonly string[];
  address: string;
  /** Told where it runs without a model to talk to. */
  hint: string;
  find(at: Place): Promise<string | undefined>;
}

interface Place {
  baseURL: string;
  apiKey: string | undefined;
  /** How long each of its answers may take. */
  patience(): AbortSignal;
}

/** Nothing that runs on this machine needs longer to list its models; an address that somebody has set may be farther away. */
const PATIENCE_MS = 300;
const PATIENCE_ELSEWHERE_MS = 3000;

const SERVERS: readonly LocalServer[] = [
  {
    provider: "ollama",
    name: "Ollama",
    variables: ["OLLAMA_BASE_URL", "OLLAMA_HOST"],
    address: "http://127.0.0.1:11434",
    hint: "Get one: `ollama pull <a small model>`; https://ollama.com/library has them.",
    find: findOnOllama,
  },
  {
    provider: "lmstudio",
    name: "LM Studio",
    variables: ["LMSTUDIO_BASE_URL"],
    address: "http://127.0.0.1:1234/v1",
    hint: "Get one: `lms get`, or in its window.",
    find: findOnLmStudio,
  },
];

/** Whether the provider is found without a key. */
export function isLocal(provider: string): boolean {
  return SERVERS.some((server) => server.provider === provider);
}

/** Where local servers are looked for, in words. */
export function placesToLook(env: Environment): string {
  return SERVERS.map((server) => `${server.name} at ${shown(addressOf(server, env).baseURL)}`).join(" or ");
}

/** Asks all local servers at once. The first one that has a chat model is chosen; of those before it that have none, a note tells what to do. */
export async function chooseLocal(context: Context, env: Environment, out: Output): Promise<{ llm: LLM; why: string } | undefined> {
  const found = await Promise.all(SERVERS.map((server) => look(server, env)));
  for (const [index, { model, problem }] of found.entries()) {
    const { provider, name } = SERVERS[index]!;
    if (problem !== undefined) out.note(problem, "yellow");
    if (model === undefined) continue;
    const { baseURL } = addressOf(SERVERS[index]!, env);
    return { llm: context.llm("default", { provider, model, baseURL }), why: `${name} runs there` };
  }
  return undefined;
}

async function look(server: LocalServer, env: Environment): Promise<{ model?: string; problem?: string }> {
  const { provider, name, hint, find } = server;
  const { baseURL, isSet } = addressOf(server, env);
  const { variables = [] } = keyVariables().find((one) => one.provider === provider) ?? {};
  const apiKey = variables.map((variable) => env[variable]).find(Boolean);
  const wanted = env[`${provider.toUpperCase()}_MODEL`];
  const place = { baseURL, apiKey, patience: () => AbortSignal.timeout(isSet ? PATIENCE_ELSEWHERE_MS : PATIENCE_MS) };
  try {
    const model = await find(place);
    if (wanted) return { model: wanted };
    return model === undefined ? { problem: `${name} runs at ${shown(baseURL)}, but it has no chat model. ${hint}` } : { model };
  } catch (error) {
    if (!isLlmError(error)) throw error;
    // It is there, and somebody wants it to be used, but not like this.
    if (error.kind === "authentication" || error.kind === "permission")
      return { problem: `${name} runs at ${shown(baseURL)}, but it wants a key: set ${variables[0]}.` };
    return {};
  }
}

function addressOf({ variables, address, provider }: LocalServer, env: Environment): { baseURL: string; isSet: boolean } {
  const set = variables.map((name) => env[name]).find(Boolean);
  if (set === undefined) return { baseURL: address, isSet: false };
  // Its chats live below the path that its models do not need.
  const bare = provider === "lmstudio" && URL.parse(set)?.pathname === "/";
  return { baseURL: bare ? `${set.replace(/\/$/, "")}/v1` : set, isSet: true };
}

/** Without a password that may stand in it. */
function shown(address: string): string {
  return address.replace(/\/\/[^/@]*@/, "//");
}

/** A model in memory answers at once, so those come first; models that Ollama passes on to its cloud do not run here. */
async function findOnOllama({ baseURL, apiKey, patience }: Place): Promise<string | undefined> {
  const models = ollamaModels({ baseURL, apiKey, signal: patience() });
  // Older servers do not tell what is in memory.
  const [running, all] = await Promise.all([models.running().catch(() => []), models.list()]);
  const names = new Set([...running, ...all].map(({ name }) => name));
  for (const name of names) {
    const { show } = ollamaModels({ baseURL, apiKey, signal: patience() });
    const { capabilities, raw } = await show(name).catch(() => ({ capabilities: [] as string[], raw: {} as Record<string, unknown> }));
    const chats = capabilities.length === 0 ? !/embed|bert/i.test(name) : capabilities.includes("completion");
    if (chats && !raw["remote_host"]) return name;
  }
  return undefined;
}

async function findOnLmStudio({ baseURL, apiKey, patience }: Place): Promise<string | undefined> {
  const models = (await lmstudioModels({ baseURL, apiKey, signal: patience() }).list()).filter(({ type }) => type === "llm");
  return (models.find(({ instances }) => instances.length > 0) ?? models[0])?.key;
}
