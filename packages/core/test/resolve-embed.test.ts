import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { startLoopback, type ReceivedRequest } from "../../conformance/src/index.ts";
import { createContext, isLlmError, type LLM, type LlmError, type ProfileSettings } from "../src/index.ts";
import type { EmbedCall } from "../src/provider.ts";
import { toy, toyEmbed } from "./toy.ts";

type Env = Record<string, string | undefined>;

let received: ReceivedRequest[] = [];
const server = await startLoopback((request, response) => {
  received.push(request);
  const { inputs } = request.body as EmbedCall;
  response.end(JSON.stringify({ vectors: inputs.map(() => ({ values: [1] })) }));
});
afterAll(() => server.close());
beforeEach(() => {
  received = [];
});

/** Two vendors with embeddings, which live at addresses of their own, and one without. */
const PROVIDERS = [
  toy({ id: "one", baseURL: `${server.url}/one` }),
  toy({
    id: "two",
    baseURL: `${server.url}/two`,
    env: { embedModel: ["TWO_OLD_EMBED_MODEL"] },
    embed: toyEmbed({ defaultModel: undefined, families: [] }),
  }),
  toy({ id: "mute", baseURL: `${server.url}/mute`, embed: undefined }),
];
const KEYS: Env = { ONE_API_KEY: "key-of-one", TWO_API_KEY: "key-of-two", MUTE_API_KEY: "key-of-mute" };

function clientOf(profile: ProfileSettings | string | undefined, env: Env = {}): LLM {
  return createContext({
    providers: PROVIDERS,
    env: { ...KEYS, PLURIVOX_NO_NETWORK: "1", ...env },
    ...(profile !== undefined && { profiles: { default: profile } }),
  }).llm();
}

/** Where a call went: address, model, key. */
async function place(llm: LLM, options?: Parameters<LLM["embed"]>[1]): Promise<[path: string, model: string, key: string]> {
  await llm.embed("hi", { retry: false, ...options });
  expect(received).toHaveLength(1);
  const { path, body, headers } = received.pop()!;
  return [path, (body as EmbedCall).model, headers["authorization"]!.replace("Bearer ", "")];
}

async function failure(act: () => unknown): Promise<LlmError> {
  const thrown: unknown = await Promise.resolve()
    .then(act)
    .catch((error: unknown) => error);
  if (!isLlmError(thrown)) throw new Error(`It should have failed with an LlmError: ${String(thrown)}`);
  return thrown;
}

describe("the order", () => {
  test("each source goes before the next", async () => {
    const env: Env = { LLM_PROVIDER: "one", ONE_MODEL: "chats" };
    const at = () => place(clientOf(undefined, env));
    expect(await at()).toEqual(["/one/embed", "toy-vectors", "key-of-one"]);
    env["ONE_EMBED_MODEL"] = "of-the-family";
    delete env["ONE_MODEL"];
    expect(await at()).toEqual(["/one/embed", "of-the-family", "key-of-one"]);
    env["EMBEDDING_PROVIDER"] = "two";
    env["TWO_EMBED_MODEL"] = "of-the-other";
    expect(await at()).toEqual(["/two/embed", "of-the-other", "key-of-two"]);
    env["PLURIVOX__PROFILES__DEFAULT__EMBED_MODEL"] = "one/nested";
    expect(await at()).toEqual(["/one/embed", "nested", "key-of-one"]);
    env["PLURIVOX__PROFILES__DEFAULT__EMBEDDING__MODEL"] = "two/nested-deeper";
    expect(await at()).toEqual(["/two/embed", "nested-deeper", "key-of-two"]);
    const profile: ProfileSettings = { model: "mute/x", embedModel: "one/of-code" };
    expect(await place(clientOf(profile, env))).toEqual(["/one/embed", "of-code", "key-of-one"]);
    const both: ProfileSettings = { ...profile, embedding: "two/of-its-own" };
    expect(await place(clientOf(both, env))).toEqual(["/two/embed", "of-its-own", "key-of-two"]);
    expect(await place(clientOf(both, env), { model: "one/of-the-call" })).toEqual(["/one/embed", "of-the-call", "key-of-one"]);
  });

  test("a model, and more to say of it, from the environment in either order", async () => {
    const nested = "PLURIVOX__PROFILES__DEFAULT__EMBEDDING";
    const fields: [string, string][] = [
      [nested, "two/nested"],
      [`${nested}__API_KEY`, "123456"],
    ];
    for (const env of [fields, fields.toReversed()])
      expect(await place(clientOf("one/x", Object.fromEntries(env)))).toEqual(["/two/embed", "nested", "123456"]);
  });

  test("a bare embedModel is of the profile's provider, whatever EMBEDDING_PROVIDER says", async () => {
    const env = { EMBEDDING_PROVIDER: "two" };
    expect(await place(clientOf({ model: "one/x", embedModel: "bare" }, env))).toEqual(["/one/embed", "bare", "key-of-one"]);
    expect(await place(clientOf({ provider: "one", model: "x", embedModel: "two/whole" }, env))).toEqual([
      "/one/embed",
      "two/whole",
      "key-of-one",
    ]);
    expect(await place(clientOf({ model: "one/x", embedding: { model: "bare" } }, env))).toEqual(["/one/embed", "bare", "key-of-one"]);
  });

  test("a model of the call without a provider goes where the call would go anyway", async () => {
    expect(await place(clientOf("one/x", { EMBEDDING_PROVIDER: "two" }), { model: "bare" })).toEqual(["/two/embed", "bare", "key-of-two"]);
    expect(await place(clientOf("one/x"), { model: "no-provider/bare" })).toEqual(["/one/embed", "no-provider/bare", "key-of-one"]);
  });

  test("a profile whose model is an embedding model embeds with it", async () => {
    const env = { EMBEDDING_PROVIDER: "two", TWO_EMBED_MODEL: "of-the-other" };
    expect(await place(clientOf("one/toy-vectors-large", env))).toEqual(["/one/embed", "toy-vectors-large", "key-of-one"]);
  });

  test("EMBEDDING_PROVIDER is read at each call, beside a profile that chats elsewhere", async () => {
    const env: Env = { ...KEYS, TWO_OLD_EMBED_MODEL: "of-an-older-name", PLURIVOX_NO_NETWORK: "1" };
    const llm = createContext({ providers: PROVIDERS, env, profiles: { default: { model: "one/x", apiKey: "own-key-of-one" } } }).llm();
    expect(await place(llm)).toEqual(["/one/embed", "toy-vectors", "own-key-of-one"]);
    env["EMBEDDING_PROVIDER"] = "two";
    expect(await place(llm)).toEqual(["/two/embed", "of-an-older-name", "key-of-two"]);
  });
});

describe("what belongs to one place stays there", () => {
  const chat: ProfileSettings = {
    model: "one/x",
    baseURL: `${server.url}/mine`,
    apiKey: "own-key-of-one",
    headers: { "x-own": "of-one" },
    extraBody: { own: "of-one" },
    azureDeployment: "chats",
  };
  const last = () => {
    const { headers, body, path } = received.pop()!;
    return [path, headers["authorization"], headers["x-own"], (body as { own?: string }).own, (body as EmbedCall).deployment];
  };

  test("the same provider and address: key and headers go along, a chat's body and deployment do not", async () => {
    await clientOf(chat).embed("hi");
    expect(last()).toEqual(["/mine/embed", "Bearer own-key-of-one", "of-one", undefined, undefined]);
    await clientOf({ ...chat, embedding: { model: "m", azureDeployment: "vectors", extraBody: { own: "of-vectors" } } }).embed("hi");
    expect(last()).toEqual(["/mine/embed", "Bearer own-key-of-one", "of-one", "of-vectors", "vectors"]);
  });

  test.each<[string, ProfileSettings, Env]>([
    ["EMBEDDING_PROVIDER", {}, { EMBEDDING_PROVIDER: "two", TWO_EMBED_MODEL: "m" }],
    ["embedModel", { embedModel: "two/m" }, {}],
    ["embedding", { embedding: "two/m" }, {}],
    ["embedding with a provider", { embedding: { provider: "two", model: "m" } }, {}],
  ])("another provider by %s: nothing goes along", async (_, settings, env) => {
    await clientOf({ ...chat, ...settings }, env).embed("hi");
    expect(last()).toEqual(["/two/embed", "Bearer key-of-two", undefined, undefined, undefined]);
  });

  test("another address of the same provider: the key stays where it was", async () => {
    await clientOf({ ...chat, embedding: { baseURL: `${server.url}/elsewhere`, model: "m" } }).embed("hi");
    expect(last()).toEqual(["/elsewhere/embed", "Bearer key-of-one", undefined, undefined, undefined]);
    await clientOf({ ...chat, embedding: { baseURL: `${server.url}/elsewhere`, model: "m", apiKey: "its-own-key" } }).embed("hi");
    expect(last()).toEqual(["/elsewhere/embed", "Bearer its-own-key", undefined, undefined, undefined]);
  });

  test("a key that was given before another provider was named is that provider's alone", async () => {
    const env = { PLURIVOX__PROFILES__DEFAULT__API_KEY: "nested-key-of-one" };
    const llm = clientOf("one/x", env);
    await llm.embed("hi");
    expect(last()[1]).toBe("Bearer nested-key-of-one");
    await llm.with({ model: "two/x" }).embed("hi", { model: "m" });
    expect(last()[1]).toBe("Bearer key-of-two");
    await llm.with({ model: "two/x", embedding: "one/m" }).embed("hi");
    expect(last()[1]).toBe("Bearer nested-key-of-one");
  });

  test("options of no place hold everywhere, those of the call last", async () => {
    const llm = clientOf({ ...chat, user: "u", embedding: { model: "two/m", dimensions: 8, user: "v" } });
    await llm.embed("hi", { dimensions: 1 });
    expect(received.pop()!.body).toMatchObject({ dimensions: 1, user: "v" });
  });
});

describe("keys", () => {
  test("a rotated key reaches embeddings, the profile's own and that of its embedding", async () => {
    const context = createContext({
      providers: PROVIDERS,
      env: { PLURIVOX_NO_NETWORK: "1" },
      profiles: { default: { model: "one/x", apiKey: "old-one", embedding: { model: "two/m", apiKey: "old-two" } }, bare: "one/x" },
    });
    context.setKey({ provider: "two", apiKey: "new-two" });
    context.setKey({ provider: "one", apiKey: "new-one" });
    expect((await place(context.llm()))[2]).toBe("new-two");
    expect((await place(context.llm(), { model: "one/m" }))[2]).toBe("new-one");
    expect((await place(context.llm("bare")))[2]).toBe("new-one");
    context.setKey({ provider: "two", apiKey: "newer-two", profile: "default" });
    expect((await place(context.llm()))[2]).toBe("newer-two");
    expect(context.llm().label).toBe("one/x");
  });

  test("profiles() shows none", () => {
    const embedding = { model: "two/m", apiKey: "secret-two", headers: { authorization: "secret-header" } };
    const context = createContext({ providers: PROVIDERS, env: {}, profiles: { default: { model: "one/x", embedding } } });
    expect(JSON.stringify(context.profiles())).not.toContain("secret");
    expect(context.profiles()["default"]).toMatchObject({ embedding: { model: "two/m", apiKey: "[redacted]" } });
  });
});

describe("a profile that only embeds", () => {
  test("by EMBEDDING_PROVIDER, or by its settings; it cannot chat", async () => {
    const env = { EMBEDDING_PROVIDER: "one" };
    expect(await place(clientOf(undefined, env))).toEqual(["/one/embed", "toy-vectors", "key-of-one"]);
    const llm = clientOf({ embedding: "two/m" });
    expect(await place(llm)).toEqual(["/two/embed", "m", "key-of-two"]);
    expect((await failure(() => llm.chat("hi"))).message).toContain("names no model");
  });

  test("neither: the error says what would do, as before", async () => {
    expect((await failure(() => clientOf(undefined))).message).toContain("LLM_PROVIDER");
  });
});

describe("errors", () => {
  test("an unknown EMBEDDING_PROVIDER: the known ones are listed", async () => {
    const error = await failure(() => clientOf("one/x", { EMBEDDING_PROVIDER: "three" }).embed("hi"));
    expect(error.kind).toBe("configuration");
    expect(error.message).toContain('There is no provider "three". Known providers: one, two, mute.');
  });

  test("a provider without embeddings: what to set is said, and nothing is sent", async () => {
    const error = await failure(() => clientOf("mute/x").embed("hi"));
    expect(error).toMatchObject({ kind: "unsupported", provider: "mute" });
    expect(error.message).toContain("EMBEDDING_PROVIDER to one that has them (one, two), or `embedding` in the profile");
    expect(received).toEqual([]);
  });

  test("no embedding model", async () => {
    const error = await failure(() => clientOf("two/x").embed("hi"));
    expect(error.kind).toBe("configuration");
    expect(error.message).toContain("TWO_EMBED_MODEL");
  });
});
