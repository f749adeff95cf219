import { afterAll, expect, test } from "vitest";
import { startLoopback } from "../../conformance/src/index.ts";
import { createContext, type ProfileSettings } from "../src/index.ts";
import type { Connection } from "../src/provider.ts";
import { sse, toy } from "./toy.ts";

const places: Connection[] = [];
const provider = {
  ...toy({ env: { apiVersion: ["TOY_API_VERSION", "OTHER_API_VERSION"] } }),
  connect: async (to: Connection) => {
    places.push(to);
    return to;
  },
};
const server = await startLoopback((_request, response) => {
  const answer = sse({ type: "text", text: "Hi" }, { type: "finish", finishReason: "stop" }, { type: "end" });
  response.setHeader("content-type", "text/event-stream").end(answer);
});
afterAll(() => server.close());

const client = (profile: ProfileSettings, env: Record<string, string> = {}) =>
  createContext({
    providers: [provider, toy({ id: "other-one", baseURL: server.url })],
    profiles: { default: { model: "toy/a", baseURL: server.url, apiKey: "key", ...profile } },
    env,
  }).llm();
const sent = () => server.requests.at(-1)!.body as { model: string; deployment?: string };

test("a deployment goes with its model, into the call beside it", async () => {
  const llm = client({ azureDeployment: "mine" });
  expect((await llm.stream("Hi").result).model).toBe("a");
  expect(sent()).toMatchObject({ model: "a", deployment: "mine" });
  await llm.stream("Hi", { model: "toy/a" }).result;
  expect(sent().deployment).toBe("mine");
  await llm.stream("Hi", { model: "toy/b" }).result;
  expect(sent()).toMatchObject({ model: "b" });
  expect(sent()).not.toHaveProperty("deployment");
  await llm.with({ model: "toy/b", azureDeployment: "its" }).stream("Hi").result;
  expect(sent()).toMatchObject({ model: "b", deployment: "its" });
  await llm.with({ model: "other-one/a", apiKey: "key" }).stream("Hi").result;
  expect(sent()).not.toHaveProperty("deployment");
});

test("a version is the profile's, or from the variables that the provider names", async () => {
  await client({ apiVersion: "1" }, { TOY_API_VERSION: "2" }).stream("Hi").result;
  await client({}, { OTHER_API_VERSION: "3", TOY_API_VERSION: "2" }).stream("Hi").result;
  await client({}, { OTHER_API_VERSION: "3" }).stream("Hi").result;
  await client({}, { OTHER_ONE_API_VERSION: "4" }).stream("Hi").result;
  expect(places.slice(-4).map(({ apiVersion }) => apiVersion)).toEqual(["1", "2", "3", undefined]);
});

test("a provider's own key is asked at each attempt, between the profile's and the environment's", async () => {
  let asked = 0;
  const keyed = toy({ baseURL: server.url, apiKey: async () => `own-${++asked}` });
  const call = (profile: ProfileSettings) =>
    createContext({ providers: [keyed], profiles: { default: { model: "toy/a", ...profile } }, env: { TOY_API_KEY: "from-env" } })
      .llm()
      .stream("Hi").result;
  const key = () => server.requests.at(-1)!.headers["authorization"];
  await call({});
  await call({});
  expect(key()).toBe("Bearer own-2");
  await call({ apiKey: "of-the-profile" });
  expect(key()).toBe("Bearer of-the-profile");
  expect(asked).toBe(2);
});

test("a provider that claims no models is not found by a bare name", () => {
  const providers = [toy({ baseURL: server.url, claimsModels: false })];
  expect(() => createContext({ providers, env: {}, profiles: { default: "toy-plain-1" } }).llm()).toThrow(/names no provider/);
  expect(createContext({ providers: [toy({ baseURL: server.url })], env: {}, profiles: { default: "toy-plain-1" } }).llm().label).toBe(
    "toy/toy-plain-1",
  );
});
