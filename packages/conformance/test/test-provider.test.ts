import { defineChat, defineProvider, type Connection, type Provider } from "@plurivox/core/provider";
import { expect, test } from "vitest";
import { CASE_NAMES, openaiChat, testProvider, type TestProviderOptions } from "../src/index.ts";
import { CASES } from "../src/test-provider.ts";

function idle(): Provider {
  const adapter = defineChat<Connection, object, object, object>({
    toRequest: (call) => call,
    send: async () => {},
    framing: "sse",
    fromResponse: () => [],
    fromStream: () => ({ event: () => [] }),
  });
  return defineProvider({
    id: "idle",
    families: [],
    chat: { load: async () => adapter },
    connect: async (to) => to,
    errorFacts: () => ({}),
  });
}

const options: TestProviderOptions = { provider: idle(), wire: openaiChat, model: "none" };

test("every name has one case, and every case a name", () => {
  expect(CASES.map(({ name }) => name).toSorted()).toEqual([...CASE_NAMES].toSorted());
});

test("every case is registered once, by its name", () => {
  const names: string[] = [];
  testProvider((name) => names.push(name), { ...options, api: "chat", provider: { ...idle(), defaultApi: "chat" } });
  expect(names).toHaveLength(CASE_NAMES.length);
  expect(names[0]).toBe("idle (chat): text");
});

test("a skip is registered with its reason, by the runner's own skip where it has one", () => {
  const plain: string[] = [];
  testProvider((name) => plain.push(name), { ...options, skip: { retry: "it never fails" } });
  expect(plain).toContain("idle: retry — skipped: it never fails");

  const [run, skipped]: [string[], string[]] = [[], []];
  testProvider(
    Object.assign((name: string) => run.push(name), { skip: (name: string) => skipped.push(name) }),
    {
      ...options,
      skip: { retry: "it never fails" },
    },
  );
  expect(skipped).toEqual([
    ...Object.entries(openaiChat.cannot).map(([name, reason]) => `idle: ${name} — skipped: ${reason}`),
    "idle: retry — skipped: it never fails",
  ]);
  expect(run).toHaveLength(CASE_NAMES.length - skipped.length);
});

test("a skip of no case, or without a reason, is an error", () => {
  // @ts-expect-error -- there is no such case
  const nobody: TestProviderOptions = { ...options, skip: { "no-such-case": "because" } };
  expect(() => testProvider(() => {}, nobody)).toThrow('There is no case "no-such-case" to skip');
  expect(() => testProvider(() => {}, { ...options, skip: { retry: " " } })).toThrow('The skip of "retry" gives no reason');
});
