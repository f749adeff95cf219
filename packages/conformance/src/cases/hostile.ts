import { createContext, type ErrorKind } from "@plurivox/core";
import assert from "node:assert/strict";
import { bothFailures, bothWays, failure, within, type How } from "../expect.ts";
import { LOOPBACK_ONLY, replies, says, unfinished, writes, type Case, type Kit, type Responder } from "../kit.ts";
import { HELLO, SCHEMA, TOOLS } from "../samples.ts";

export const hostileCases: readonly Case[] = [
  { name: "no-network", run: noNetwork },
  { name: "prototype-keys", run: prototypeKeys },
  { name: "deep-nesting", run: deepNesting },
];

/** Names that a prefix, a suffix or a number would take for this machine. */
const ELSEWHERE = [
  "http://elsewhere.invalid",
  "https://localhost.elsewhere.invalid",
  "http://127.0.0.1.elsewhere.invalid",
  "http://192.0.2.1:8080",
  "http://[2001:db8::1]",
];

/** Tests set PLURIVOX_NO_NETWORK: then nothing is sent to any machine but this one. */
async function noNetwork(kit: Kit): Promise<void> {
  let sent = 0;
  const fetch: typeof globalThis.fetch = () => {
    sent++;
    return Promise.reject(new Error("sent"));
  };
  for (const own of [false, true]) {
    await using context = createContext({ providers: [kit.provider], env: LOOPBACK_ONLY, ...(own && { fetch }) });
    for (const baseURL of ELSEWHERE) {
      const llm = context.llm({ ...kit.settings, baseURL });
      for (const [how, error] of await bothFailures(llm, "hi", `an address elsewhere, ${baseURL}`)) {
        assert.equal(error.kind, "configuration", `${how}: ${baseURL}: ${error.message}`);
        assert.match(error.message, /PLURIVOX_NO_NETWORK/, `${how}: the error should say why nothing was sent`);
      }
    }
  }
  assert.equal(sent, 0, "nothing should be sent to an address elsewhere");
}

/** What every object has, whether somebody gave it or not. */
const INHERITED = ["constructor", "__proto__", "toString", "hasOwnProperty"];
const POLLUTION = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"city":"Rome","population":3}';
const SAID = "The kit says no.";

/** Neither words of the vendor's that are names of Object.prototype, nor keys that would change it. */
async function prototypeKeys(kit: Kit): Promise<void> {
  const { wire } = kit;
  for (const word of INHERITED) {
    await using ended = await kit.serve(says({ ...HELLO, finish: word }));
    for (const [how, result] of await bothWays(ended.llm, "hi")) {
      assert.equal(result.finishReason, "other", `${how}: the finish reason ${word} is one that nobody knows`);
      assert.equal(result.rawFinishReason, word, `${how}: the vendor's own word should be kept`);
    }
    for (const [status, kind] of [
      [400, "invalid-request"],
      [500, "server"],
    ] as const) {
      await using bad = await kit.serve(replies(status, worded(wire.error(status, SAID), word)));
      for (const [how, error] of await bothFailures(bad.llm, "hi", `an error that says ${word}`))
        assert.deepEqual([error.kind, error.retryable], [kind, status === 500], `${how}: an error that says ${word} is told by its status`);
    }
    for (const { what, frame } of wire.streamErrors(SAID)) await assertKind(kit, word, what, frame);
    await using called = await kit.serve(says({ toolCalls: [{ id: "callProto", name: word, input: "{}" }] }));
    for (const [how, { toolCalls }] of await bothWays(called.llm, "hi", TOOLS))
      assert.deepEqual([toolCalls[0]?.toolName, toolCalls[0]?.input], [word, {}], `${how}: a call of a tool that does not exist`);
  }
  await using polluting = await kit.serve(says({ text: POLLUTION }));
  for (const [how, { output }] of await bothWays(polluting.llm, "A city?", { output: "json" }))
    assert.deepEqual((output as { city: string }).city, "Rome", `${how}: the output`);
  await using odd = await kit.serve(replies(400, wire.error(400, SAID).replace("{", `{"made_up":${POLLUTION},`)));
  for (const [how, { kind }] of await bothFailures(odd.llm, "hi", "an error with odd keys")) assert.equal(kind, "invalid-request", how);
  assert.equal(({} as Record<string, unknown>)["polluted"], undefined, "no prototype should be polluted");
}

async function assertKind(kit: Kit, word: string, what: string, frame: string): Promise<void> {
  const [before, json = "", after] = frame.split(/(\{.*\})/s);
  await using served = await kit.serve(writes([unfinished(kit.wire, HELLO).join("") + before + worded(json, word) + after]));
  const error = await served.llm.stream("hi").result.then(
    () => undefined,
    (thrown: { kind: ErrorKind }) => thrown,
  );
  // Without its type an event may be one that nobody knows, after which the stream simply ends.
  assert.equal(typeof error?.kind, "string", `${what}, in the words of ${word}: the kind of an error is a word`);
}

/** The same JSON, with every text but the message replaced. */
function worded(json: string, word: string): string {
  return JSON.stringify(JSON.parse(json), (key, value: unknown) => (typeof value === "string" && value !== SAID ? word : value));
}

const DEPTH = 100_000;
const DEEP = `${"[".repeat(DEPTH)}${"]".repeat(DEPTH)}`;

/** More levels than a stack has: whatever goes through them must end in an answer or in an LlmError that still says what is known. */
async function deepNesting(kit: Kit): Promise<void> {
  const { wire } = kit;
  const begun = unfinished(wire, HELLO).join("");
  for (const [status, kind] of [
    [400, "invalid-request"],
    [429, "rate-limit"],
    [500, "server"],
  ] as const) {
    for (const body of [DEEP, `{"error":${DEEP}}`, ...deepened(wire.error(status, SAID))]) {
      await using served = await kit.serve(replies(status, body));
      for (const [how, error] of await bothFailures(served.llm, "hi", `status ${status} with a deep body`))
        assert.equal(error.kind, kind, `${how}: status ${status} with ${body.slice(0, 60)}…: ${error.message.slice(0, 200)}`);
    }
  }
  for (const body of [DEEP, `{"error":${DEEP}}`, ...deepened(wire.error(500, SAID))]) {
    await using served = await kit.serve(replies(200, body));
    await bothFailures(served.llm, "hi", "200 with a deep body");
  }
  for (const { what, frame } of wire.streamErrors(SAID)) {
    for (const deep of deepened(frame)) {
      await using served = await kit.serve(writes([begun + deep]));
      await failure(served.llm.stream("hi").result, `A stream with ${what}, deeply nested`);
    }
  }
  await answersThatAreDeep(kit);
}

/** With the depth beside what is known, and in the place of the message. */
function deepened(json: string): string[] {
  return [json.replace("{", () => `{"made_up":${DEEP},`), json.replace(JSON.stringify(SAID), () => DEEP)];
}

async function answersThatAreDeep(kit: Kit): Promise<void> {
  const { wire } = kit;
  const aside = (text: string) => text.replace("{", () => `{"made_up":${DEEP},`);
  const responder: Responder = ({ call, ...rest }) =>
    (call.stream
      ? writes(wire.stream(HELLO, call).map(({ text }) => (text.includes("{") ? aside(text) : text)))
      : replies(200, aside(wire.whole(HELLO, call))))({ call, ...rest });
  await using served = await kit.serve(responder);
  for (const [how, { text }] of await bothWays(served.llm, "hi")) assert.equal(text, HELLO.text, `${how}: the text beside what is deep`);
  const nested = `{"city":${DEEP},"population":3}`;
  for (const output of ["json", SCHEMA] as const) {
    await using data = await kit.serve(says({ text: nested, pieceLength: 10_000 }));
    const ends = (how: How, call: Promise<unknown>) =>
      within(
        call.then(
          () => "LlmError",
          (thrown: unknown) => (thrown as Error).name,
        ),
        `${how}: deeply nested output should end the call`,
        10_000,
      ).then((name) => assert.equal(name, "LlmError", `${how}: deeply nested output should be returned, or be an LlmError`));
    await ends("streamed", data.llm.stream("A city?", { output }).result);
    await ends("whole", data.llm.chat("A city?", { output }));
  }
}
