import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isLlmError, type ReasoningTag } from "../src/index.ts";
import { DEFAULT_TAGS, splitTags, type TaggedText } from "../src/stream/reasoning-tags.ts";

const R1: ReasoningTag[] = [{ start: "<think>", end: "</think>", fromBeginning: true }];

/** What a text is split into, cut at these places, with neighbours of one type joined. */
function split(text: string, tags: readonly ReasoningTag[] = DEFAULT_TAGS, places: readonly number[] = []): TaggedText[] {
  const splitter = splitTags(tags);
  const at = [...new Set(places.map((place) => place % (text.length + 1)))].toSorted((a, b) => a - b);
  const pieces = [...at, text.length].map((to, index) => text.slice(index === 0 ? 0 : at[index - 1], to));
  const joined: TaggedText[] = [];
  for (const part of [...pieces.flatMap((piece) => splitter.push(piece)), ...splitter.end()]) {
    expect(part.text).not.toBe("");
    const last = joined.at(-1);
    if (last?.type === part.type) last.text += part.text;
    else joined.push({ ...part });
  }
  return joined;
}

/** "t:…" and "r:…", as they came. */
const brief = (parts: readonly TaggedText[]) => parts.map(({ type, text }) => `${type[0]}:${text}`);
const everywhere = (text: string) => Array.from({ length: text.length }, (_, at) => at);

const CASES: [what: string, text: string, expected: string[], tags?: readonly ReasoningTag[]][] = [
  ["reasoning before the answer", "<think>\nhm\n</think>\n\nHi", ["r:hm\n", "t:Hi"]],
  ["without line breaks", "<think>hm</think>Hi", ["r:hm", "t:Hi"]],
  ["CRLF", "<think>\r\nhm</think>\r\n\r\nHi", ["r:hm", "t:Hi"]],
  ["other tags", "<thinking>a</thinking>b[THINK]c[/THINK]d", ["r:a", "t:b", "r:c", "t:d"]],
  ["empty reasoning", "<think></think>Hi", ["t:Hi"]],
  ["empty reasoning as Qwen writes it", "<think>\n\n</think>\n\nHi", ["t:Hi"]],
  ["nothing but reasoning", "<think>hm</think>", ["r:hm"]],
  ["an unclosed tag", "<think>\nhm </thin", ["r:hm </thin"]],
  ["half a tag at the end", "Hi <thin", ["t:Hi <thin"]],
  ["an end tag alone", "a </think> b", ["t:a </think> b"]],
  ["another tag's end", "<think>a</thinking>b</think>c", ["r:a</thinking>b", "t:c"]],
  ["a start tag in reasoning", "<think>a<think>b</think>c</think>d", ["r:a<think>b", "t:c</think>d"]],
  ["what looks like a tag", "<<think >x<thinks><thi<think>y</</think>z", ["t:<<think >x<thinks><thi", "r:y</", "t:z"]],
  ["reasoning between lines", "a\n<think>b</think>\n\nc", ["t:a\n", "r:b", "t:c"]],
  ["reasoning within a line", "a <think>b</think>\nc", ["t:a ", "r:b", "t:\nc"]],
  ["spaces are kept", "<think> a </think> b", ["r: a ", "t: b"]],
  ["inline code", "a `<think>` b `` ` <think> `` c<think>d</think>e", ["t:a `<think>` b `` ` <think> `` c", "r:d", "t:e"]],
  ["a stray backtick ends with its line", "a ` b <think>c\n<think>d</think>", ["t:a ` b <think>c\n", "r:d"]],
  ["a fence", "```html\n<think>\n``\n```\n<think>a</think>", ["t:```html\n<think>\n``\n```\n", "r:a"]],
  ["a fence of tildes", "~~~ <think>\n<think> ```\n~~~~ \n<think>a</think>", ["t:~~~ <think>\n<think> ```\n~~~~ \n", "r:a"]],
  ["a longer fence", "````\n```\n<think>\n````\n<think>a</think>", ["t:````\n```\n<think>\n````\n", "r:a"]],
  [
    "an indented and a quoted fence",
    "1. x\n    ```\n<think>\n    ```\n> ~~~\n> <think>\n",
    ["t:1. x\n    ```\n<think>\n    ```\n> ~~~\n> <think>\n"],
  ],
  ["a fence that is not closed", "```\n<think>a</think>\n``` x\n<think>", ["t:```\n<think>a</think>\n``` x\n<think>"]],
  ["three backticks in one line are no fence", "```<think>```\n<think>a</think>", ["t:```<think>```\n", "r:a"]],
  ["two tildes are no fence", "~~x~~ <think>a</think>\n~~\n<think>b</think>", ["t:~~x~~ ", "r:a", "t:\n~~\n", "r:b"]],
  ["backticks in reasoning mean nothing", "<think>a `b</think>c <think>d</think>", ["r:a `b", "t:c ", "r:d"]],
  ["a fence right after reasoning", "<think>a</think>\n```\n<think>\n```", ["r:a", "t:```\n<think>\n```"]],
  ["from the beginning", "hm\n</think>\n\nHi", ["r:hm\n", "t:Hi"], R1],
  ["from the beginning, with its tag", "\n<think>\nhm</think>Hi", ["r:hm", "t:Hi"], R1],
  ["from the beginning, tags after it", "a<think>b</think>c<think>d</think>", ["r:a<think>b", "t:c", "r:d"], R1],
  ["from the beginning, twice its tag", "<think><think>a</think>b", ["r:<think>a", "t:b"], R1],
  ["from the beginning, nothing in it", "</think>Hi", ["t:Hi"], R1],
  ["from the beginning, never closed", "Hi <thi", ["r:Hi <thi"], R1],
  ["from the beginning, half its tag", "<thi", ["r:<thi"], R1],
  ["from the beginning without a start tag", "a</r>b<r>", ["r:a", "t:b<r>"], [{ start: "", end: "</r>", fromBeginning: true }]],
  [
    "a tag that begins like another",
    "<ab>x</ab><a>y</a>",
    ["r:xy"],
    [
      { start: "<ab>", end: "</ab>" },
      { start: "<a>", end: "</a>" },
    ],
  ],
  [
    "a tag that is the beginning of another",
    "<ab>x<a>y",
    ["r:>x<a>y"],
    [
      { start: "<ab", end: "</ab>" },
      { start: "<a", end: "</a>" },
    ],
  ],
  ["no tags", "<think>a</think>", ["t:<think>a</think>"], []],
  ["no text", "", []],
];

test.each(CASES)("%s", (_, text, expected, tags) => {
  expect(brief(split(text, tags))).toEqual(expected);
  expect(brief(split(text, tags, everywhere(text)))).toEqual(expected);
});

/** These places, and those that lie only tags and line breaks behind them. */
function skipping(text: string, from: readonly number[]): number[] {
  const reached = new Set(from);
  for (const at of reached) {
    for (const gap of ["\r", "\n", ...DEFAULT_TAGS.flatMap(({ start, end }) => [start, end])])
      if (text.startsWith(gap, at)) reached.add(at + gap.length);
  }
  return [...reached];
}

describe("any text", () => {
  const bit = fc.constantFrom(
    ..."ab <>/`~\n\r[]",
    "<think>",
    "</think>",
    "<thinking>",
    "</thinking>",
    "[THINK]",
    "[/THINK]",
    "```",
    "~~~",
    "``",
    "\n```\n",
    "\r\n",
    "think",
    "</",
  );
  const noise = fc.array(bit, { maxLength: 40 }).map((bits) => bits.join(""));
  const places = fc.array(fc.nat(1_000), { maxLength: 30 });

  test.each([
    ["with the default tags", DEFAULT_TAGS],
    ["from the beginning", R1],
  ])("%s is split the same however it is cut", (_, tags) => {
    fc.assert(
      fc.property(noise, places, (text, at) => {
        const once = split(text, tags);
        expect(split(text, tags, at)).toEqual(once);
        expect(split(text, tags, everywhere(text))).toEqual(once);
      }),
      { numRuns: 1_000 },
    );
  });

  test("comes out whole, but for tags and line breaks after them", () => {
    fc.assert(
      fc.property(noise, (text) => {
        // Every place in the text that what came out so far may lead to.
        let reached = skipping(text, [0]);
        for (const char of split(text).flatMap((part) => [...part.text])) {
          reached = skipping(
            text,
            reached.flatMap((at) => (text[at] === char ? [at + 1] : [])),
          );
        }
        expect(reached).toContain(text.length);
      }),
      { numRuns: 1_000 },
    );
  });

  test("made of words, code and reasoning is taken apart into them", () => {
    const words = fc.constantFrom("Hi there. ", "a < b, c > d\n", "<thin ", "</think> ", "\n\n");
    const code = fc.constantFrom(" `<think>` ", " ``<thinking> ` `` ", "\n```xml\n<think>x</think>\n```\n", "\n~~~\n[THINK]\n```\n~~~\n");
    const reasoning = fc.constantFrom("hm", "so: `", "a\n```\nb", "</thinking>", "<think>");
    const part = fc.oneof(
      fc.oneof(words, code).map((text) => ({ type: "text", text, written: text })),
      reasoning.map((text) => ({ type: "reasoning", text, written: `\n<think>\n${text}</think>\n` })),
    );
    fc.assert(
      fc.property(fc.array(part), places, (parts, at) => {
        const got = split(parts.map(({ written }) => written).join(""), DEFAULT_TAGS, at);
        const only = (type: string, all: readonly { type: string; text: string }[]) =>
          all.flatMap((one) => (one.type === type ? [one.text] : [])).join("");
        expect(only("reasoning", got)).toBe(only("reasoning", parts));
        expect(only("text", got).replaceAll("\n", "")).toBe(only("text", parts).replaceAll("\n", ""));
      }),
      { numRuns: 500 },
    );
  });
});

test("holds back no more than may become a tag", () => {
  const splitter = splitTags(DEFAULT_TAGS);
  expect(brief(splitter.push("a < b <"))).toEqual(["t:a < b "]);
  expect(brief(splitter.push("thinkin"))).toEqual([]);
  expect(brief(splitter.push("k"))).toEqual(["t:<thinkink"]);
  expect(brief(splitter.push("`<think"))).toEqual(["t:`<think"]);
  expect(brief(splitter.push("`<think>x</thi"))).toEqual(["t:`", "r:x"]);
  expect(brief(splitter.push("n"))).toEqual([]);
  expect(brief(splitter.push("g"))).toEqual(["r:</thing"]);
  expect(brief(splitter.end())).toEqual([]);
});

test("a tag without an end, or without a start, is a configuration error", () => {
  for (const tag of [
    { start: "<a>", end: "" },
    { start: "", end: "</a>" },
  ]) {
    let thrown: unknown;
    try {
      splitTags([tag]);
    } catch (error) {
      thrown = error;
    }
    expect(isLlmError(thrown, "configuration")).toBe(true);
  }
});

test("linear: 500 kB of what is nearly a tag, character by character and at once", () => {
  for (const near of ["<", "`", "</think", "\n```\n~~~ <think"]) {
    const text = near.repeat(500_000 / near.length);
    const splitter = splitTags(DEFAULT_TAGS);
    let length = 0;
    for (const char of text) for (const part of splitter.push(char)) length += part.text.length;
    for (const part of splitter.end()) length += part.text.length;
    expect(length).toBe(text.length);
    expect(split(text).reduce((sum, part) => sum + part.text.length, 0)).toBe(text.length);
  }
});
