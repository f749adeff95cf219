import { describe, expect, test } from "vitest";
import type { Message } from "../src/index.ts";
import type { ChatCall } from "../src/provider.ts";
import { handOff, toFittingId } from "../src/pipeline/handoff.ts";
import { toy } from "./toy.ts";

const wire = toy().chat!;
const callOf = (messages: Message[]): ChatCall => ({ model: "m", stream: false, messages, tools: [], providerOptions: {} });

const assistant = (provider: string | undefined, id = "call-1"): Message => ({
  role: "assistant",
  ...(provider !== undefined && { provider }),
  content: [
    { type: "reasoning", text: "Hm.", providerMetadata: { other: { signature: "s" } } },
    { type: "text", text: "Let me see." },
    { type: "tool-call", toolCallId: "srv", toolName: "web_search", input: {}, providerExecuted: true },
    { type: "tool-result", toolCallId: "srv", toolName: "web_search", output: "…" },
    { type: "tool-call", toolCallId: id, toolName: "f", input: {} },
  ],
});
const result = (id = "call-1"): Message => ({
  role: "tool",
  content: [{ type: "tool-result", toolCallId: id, toolName: "f", output: 1 }],
});

describe("a history that changes hands", () => {
  test("another provider's reasoning and vendor-run tools are left out, with warnings", () => {
    const { call, warnings } = handOff(callOf([assistant("other"), result()]), "toy", wire);
    expect((call.messages[0] as { content: { type: string }[] }).content.map(({ type }) => type)).toEqual(["text", "tool-call"]);
    expect(warnings).toEqual([
      { code: "history", provider: "toy", message: expect.stringMatching(/^Reasoning parts .*: 1\.$/) as string },
      { code: "history", provider: "toy", message: expect.stringMatching(/^Parts of tools .*: 2\.$/) as string },
    ]);
  });

  test("the provider's own history passes as it is, without a copy", () => {
    const prepared = callOf([assistant("toy"), result()]);
    const { call, warnings } = handOff(prepared, "toy", wire);
    expect(call).toBe(prepared);
    expect(warnings).toEqual([]);
  });

  test("without a name on the message, the metadata tells whose it is", () => {
    const { warnings } = handOff(callOf([assistant(undefined)]), "toy", wire);
    expect(warnings).toHaveLength(1);
    expect(handOff(callOf([assistant(undefined)]), "other", wire).warnings).toEqual([]);
  });

  test("a message of nothing but foreign reasoning goes with it", () => {
    const thought: Message = { role: "assistant", provider: "other", content: [{ type: "reasoning", text: "Hm." }] };
    expect(handOff(callOf([thought, { role: "user", content: "Go on." }]), "toy", wire).call.messages).toHaveLength(1);
  });

  test("files that a model made go where they are taken, and are missed elsewhere", () => {
    const made: Message = {
      role: "assistant",
      provider: "toy",
      content: [
        { type: "text", text: "Here." },
        { type: "image", url: "https://example.com/a.png" },
        { type: "file", base64: "aGk=", mediaType: "audio/wav", providerMetadata: { toy: { audioId: "a1" } } },
      ],
    };
    const types = (wireOf: object) => {
      const { call, warnings } = handOff(callOf([made]), "toy", { ...wire, ...wireOf });
      return [
        (call.messages[0] as { content: { type: string }[] }).content.map(({ type }) => type),
        warnings.map(({ message }) => message),
      ];
    };
    expect(types({})).toEqual([["text"], ["Files that a model made left out for toy: 2."]]);
    expect(types({ madeFiles: "own" })).toEqual([["text", "file"], ["Files that a model made left out for toy: 1."]]);
    expect(types({ madeFiles: "any" })).toEqual([["text", "image", "file"], []]);
  });

  test("reasoning that came by another wire of the same provider is left out where it cannot go back", () => {
    const takesReasoning = ({ item }: Readonly<Record<string, unknown>>) => item !== undefined;
    const thought = (metadata?: object): Message => ({
      role: "assistant",
      provider: "toy",
      content: [
        {
          type: "reasoning",
          text: "Hm.",
          ...(metadata !== undefined && { providerMetadata: { toy: metadata as Record<string, unknown> } }),
        },
        { type: "text", text: "So." },
      ],
    });
    const { warnings } = handOff(callOf([thought({ field: "reasoning" }), thought(), thought({ item: {} })]), "toy", {
      ...wire,
      takesReasoning,
    });
    expect(warnings.map(({ message }) => message)).toEqual(["Reasoning parts that came by another wire left out for toy: 2."]);
  });

  test("ids are rewritten by the rule, alike in call and result, and differ from one another", () => {
    const toolCallIds = { takes: /^[a-z0-9]{9}$/, length: 9 };
    const messages = [assistant("toy", "call:1"), result("call:1"), assistant("toy", "call:2"), result("call:2")];
    const { call, warnings } = handOff(callOf(messages), "toy", { ...wire, toolCallIds });
    const ids = call.messages.map(({ content }) => (content as { toolCallId?: string }[]).at(-1)!.toolCallId!);
    expect(ids.every((id) => toolCallIds.takes.test(id))).toBe(true);
    expect(ids).toEqual([ids[0], ids[0], ids[2], ids[2]]);
    expect(ids[0]).not.toBe(ids[2]);
    expect(warnings).toEqual([{ code: "history", provider: "toy", message: expect.stringMatching(/^Tool call ids .*: 3\.$/) as string }]);
  });

  test("an id that fits stays", () => {
    expect(toFittingId("call-1", undefined)).toBe("call-1");
    expect(toFittingId("call-1", { takes: /^[\w-]+$/ })).toBe("call-1");
    expect(toFittingId("call 1", { takes: /^[\w-]+$/ })).toMatch(/^[a-z0-9]{13}$/);
  });
});
