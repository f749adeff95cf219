import { defineChat, defineProvider, type Connection, type Provider } from "@plurivox/core/provider";
import { expect, test } from "vitest";
import * as conformance from "../src/index.ts";
import { CASE_NAMES, openaiChat, testProvider, type TestProviderOptions, type Wire } from "../src/index.ts";
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
  const reasons = {
    ...Object.fromEntries(
      CASE_NAMES.filter((name) => name.startsWith("embed") && name !== "embed-missing").map((name) => [
        name,
        "this vendor has no embeddings",
      ]),
    ),
    ...openaiChat.cannot,
    retry: "it never fails",
  };
  expect(skipped.toSorted()).toEqual(
    Object.entries(reasons)
      .map(([name, reason]) => `idle: ${name} — skipped: ${reason}`)
      .toSorted(),
  );
  expect(run).toHaveLength(CASE_NAMES.length - skipped.length);
});

test("a skip of no case, or without a reason, is an error", () => {
  // @ts-expect-error -- there is no such case
  const nobody: TestProviderOptions = { ...options, skip: { "no-such-case": "because" } };
  expect(() => testProvider(() => {}, nobody)).toThrow('There is no case "no-such-case" to skip');
  expect(() => testProvider(() => {}, { ...options, skip: { retry: " " } })).toThrow('The skip of "retry" gives no reason');
});

const wires = Object.values(conformance).filter((value): value is Wire => typeof value === "object" && "framing" in value);

test.each(wires.map((wire): [string, Wire] => [wire.name, wire]))(
  "the habits on the wire %s are whole bodies, each told once",
  (_, { framing, habits = [] }) => {
    expect(habits.length).toBeGreaterThan(0);
    expect(new Set(habits.map(({ what }) => what)).size).toBe(habits.length);
    for (const { stream, whole, what } of habits) {
      expect(stream ?? whole, what).toBeDefined();
      if (whole !== undefined) expect(JSON.parse(whole), what).toBeTypeOf("object");
      const events = stream?.match(framing === "sse" ? /^data: \{.*$/gm : /^.+$/gm) ?? [];
      for (const event of events) expect(JSON.parse(event.replace(/^data: /, "")), what).toBeTypeOf("object");
      expect(stream ?? "\n", what).toMatch(/\n$/);
    }
  },
);

test("a habit that does not come to what it should fails, and says which", async () => {
  const calls: (() => Promise<void>)[] = [];
  testProvider((name, each) => (name.endsWith("habits") ? calls.push(each) : 0), options);
  await expect(calls[0]!()).rejects.toThrow(openaiChat.habits![0]!.what);
});
