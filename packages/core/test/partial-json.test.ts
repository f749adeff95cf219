import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isLlmError } from "../src/index.ts";
import { partialJson } from "../src/stream/partial-json.ts";

/** A text in pieces, cut at these places. */
function cut(text: string, places: readonly number[]): string[] {
  const at = [...new Set(places.map((place) => place % (text.length + 1)))].toSorted((a, b) => a - b);
  return [...at, text.length].map((to, index) => text.slice(index === 0 ? 0 : at[index - 1], to));
}

function read(pieces: Iterable<string>): { value: unknown; complete: boolean } {
  const json = partialJson();
  for (const piece of pieces) json.push(piece);
  json.end();
  return { value: json.value, complete: json.complete };
}

/** What `value` is after each character. */
function growth(text: string): unknown[] {
  const json = partialJson();
  return [...text].map((char) => {
    json.push(char);
    return structuredClone(json.value);
  });
}

function isPrefix(part: unknown, whole: unknown): boolean {
  if (part === undefined) return true;
  if (typeof part === "string") return typeof whole === "string" && whole.startsWith(part);
  if (Array.isArray(part)) return Array.isArray(whole) && part.length <= whole.length && part.every((one, at) => isPrefix(one, whole[at]));
  if (typeof part !== "object" || part === null) return Object.is(part, whole);
  if (typeof whole !== "object" || whole === null || Array.isArray(whole)) return false;
  return Object.keys(part).every((key) => Object.hasOwn(whole, key) && isPrefix(part[key as never], whole[key as never]));
}

const places = fc.array(fc.nat(10_000), { maxLength: 30 });
const anyString = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string(),
  fc.constantFrom("__proto__", "constructor", "toString", "\ud83d\ude00", '\\"\n\u2028'),
);
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom(null, true, false, 0, -1, 1e-7, 1.5e300, ""),
    fc.double({ noDefaultInfinity: true, noNaN: true }),
    anyString,
    fc.array(tie("any"), { maxLength: 5 }),
    fc.array(fc.tuple(anyString, tie("any")), { maxLength: 5 }).map((entries) => Object.fromEntries(entries)),
  ),
})).any;
/** The same value in different writings. */
const writing = fc.tuple(value, fc.constantFrom("", " ", "\r\n\t"), fc.boolean()).map(([one, space, escaped]) => {
  const written = space + JSON.stringify(one, undefined, space) + space;
  if (!escaped) return written;
  return written.replaceAll(/[^\s!-~]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`).replaceAll("/", "\\/");
});

describe("any JSON", () => {
  test("cut anywhere, ends as what JSON.parse makes of it", () => {
    fc.assert(
      fc.property(writing, places, (json, at) => {
        const { value: got, complete } = read(cut(json, at));
        assert.deepEqual(got, JSON.parse(json));
        expect(complete).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test("is a prefix of itself all the way, in place, and tells each change", () => {
    fc.assert(
      fc.property(writing, (text) => {
        const json = partialJson();
        const whole: unknown = JSON.parse(text);
        let before = "undefined";
        let root: unknown;
        for (const char of text) {
          const changed = json.push(char);
          expect(isPrefix(json.value, whole)).toBe(true);
          const now = String(JSON.stringify(json.value));
          expect(changed).toBe(now !== before);
          before = now;
          if (typeof json.value === "object") {
            root ??= json.value;
            expect(json.value).toBe(root);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  test("in a fence or after words is found, and what follows it does not matter", () => {
    const rooted = value.filter((one) => typeof one === "object" && one !== null);
    const before = fc.constantFrom(
      "```json\n",
      "Here you are:\n\n```\n",
      "null and void: ",
      "true, ",
      "3 of them: ",
      '"x" is ',
      "-",
      '"\n',
      "\ufeff",
    );
    fc.assert(
      fc.property(before, rooted, fc.constantFrom("\n```", "\n```\nDone: {", "]}", " \n"), places, (start, one, end, at) => {
        const { value: got, complete } = read(cut(start + JSON.stringify(one) + end, at));
        assert.deepEqual(got, JSON.parse(JSON.stringify(one)));
        expect(complete).toBe(true);
      }),
    );
  });
});

test("any text is read without a throw, the same however it is cut, and never as less than JSON.parse sees in it", () => {
  const noise = fc.array(fc.constantFrom(...'{}[]",:\\untrfaslbe01-+.e \n\ud83d\ude00', '"a":', "true", "null", "12", "\\u00"), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(
      noise.map((parts) => parts.join("")),
      places,
      (text, at) => {
        const once = read([text]);
        assert.deepEqual(read(cut(text, at)), once);
        let parsed: unknown;
        try {
          parsed = JSON.parse(text);
        } catch {
          return;
        }
        assert.deepEqual(once, { value: parsed, complete: true });
      },
    ),
    { numRuns: 3_000 },
  );
});

test("strings grow; numbers, literals and keys appear once they are certain", () => {
  const seen = growth('{"ab":"xy","n":12,"t":true}').map((one) => JSON.stringify(one));
  const times = (count: number, one: object) => Array<string>(count).fill(JSON.stringify(one));
  expect(seen).toEqual([
    ...times(6, {}),
    ...times(1, { ab: "" }),
    ...times(1, { ab: "x" }),
    ...times(9, { ab: "xy" }),
    ...times(8, { ab: "xy", n: 12 }),
    ...times(2, { ab: "xy", n: 12, t: true }),
  ]);
});

test("a surrogate pair is never seen in halves, written out or escaped", () => {
  for (const json of ['["a\ud83d\ude00b"]', '["a\\ud83d\\ude00b"]']) {
    const parser = partialJson();
    const seen = new Set<unknown>();
    for (const unit of json.split("")) {
      parser.push(unit);
      seen.add((parser.value as string[])?.[0]);
    }
    expect([...seen]).toEqual([undefined, "", "a", "a\ud83d\ude00", "a\ud83d\ude00b"]);
  }
  expect(read(['["\\ud83d', '"]']).value).toEqual(["\ud83d"]);
});

test.each([
  ["{a:1}", {}],
  ['{"a":1 "b":2}', { a: 1 }],
  ['{"a":1,}', { a: 1 }],
  ["[1,]", [1]],
  ["[1 2]", [1]],
  ["[01]", []],
  ["[1.]", []],
  ["[truth]", []],
  ["[true1]", [true]],
  ['["a\nb"]', ["a"]],
  ['["a\\xb"]', ["a"]],
  ['["a\\u12g4"]', ["a"]],
  ["[1}", [1]],
  ['{"a":[1}', { a: [1] }],
  ['{"a":{"b":1]', { a: { b: 1 } }],
  ["no JSON at all", undefined],
  ['"half', "half"],
  ["12 34", undefined],
  ["", undefined],
])("%s is not complete, and stays what it was", (text, expected) => {
  for (const pieces of [[text], [...text]]) {
    const json = partialJson();
    for (const piece of pieces) json.push(piece);
    const before = structuredClone(json.value);
    json.push(typeof expected === "object" ? ',"more":1]}' : "");
    json.end();
    expect([before, json.value, json.complete]).toEqual([expected, expected, false]);
  }
});

test("a number that is the whole text is certain at its end, and one that was cut off never is", () => {
  const json = partialJson();
  json.push("-1");
  json.push("2.5e1");
  expect([json.value, json.complete]).toEqual([undefined, false]);
  expect(json.end()).toBe(true);
  expect([json.value, json.complete]).toEqual([-125, true]);
  expect(read(['{"a":1']).value).toEqual({});
});

test("keys of Object.prototype are data, and nothing is polluted", () => {
  const { value: got } = read(['{"__proto__":{"polluted":"y', 'es"},"constructor":{"prototype":{"polluted":1}},"toString":"gr', 'ows"}']);
  expect(Object.keys(got as object)).toEqual(["__proto__", "constructor", "toString"]);
  expect(Object.getPrototypeOf(got)).toBe(Object.prototype);
  expect(JSON.stringify(got)).toBe('{"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":1}},"toString":"grows"}');
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  const { value: string } = read(['{"__proto__":"ab', 'cd"}']);
  expect(Object.getOwnPropertyDescriptor(string, "__proto__")?.value).toBe("abcd");
});

test("the last of two same keys counts", () => {
  expect(read(['{"a":{"b":1},"a":"xy', 'z"}']).value).toEqual({ a: "xyz" });
});

test("1,000 levels are read; one more is an error that says so, and the value stays", () => {
  const deepest = "[".repeat(1_000) + "]".repeat(1_000);
  expect(read([deepest])).toEqual({ value: JSON.parse(deepest), complete: true });
  const json = partialJson();
  let thrown: unknown;
  try {
    json.push('{"a":'.repeat(100_000));
  } catch (error) {
    thrown = error;
  }
  expect(isLlmError(thrown, "invalid-output")).toBe(true);
  expect(String(thrown)).toContain("1000 levels");
  expect(json.push("1")).toBe(false);
  expect(json.complete).toBe(false);
});

describe("linear time", () => {
  test("a string of 2 MB, character by character", () => {
    const json = partialJson();
    json.push('{"text":"');
    for (let n = 0; n < 2_000_000; n++) json.push("x");
    json.push('"}');
    expect((json.value as { text: string }).text.length).toBe(2_000_000);
    expect(json.complete).toBe(true);
  });

  test("100,000 small values, a key of 1 MB and a number of 1 MB", () => {
    const numbers = partialJson();
    numbers.push("[");
    for (let n = 0; n < 100_000; n++) numbers.push(`{"n":${n}},`);
    numbers.push("0]");
    expect((numbers.value as unknown[]).length).toBe(100_001);
    const long = partialJson();
    long.push('{"');
    for (let n = 0; n < 1_000_000; n++) long.push("k");
    long.push('":');
    for (let n = 0; n < 1_000_000; n++) long.push("1");
    long.push("}");
    expect(Object.entries(long.value as object)).toEqual([["k".repeat(1_000_000), Number.POSITIVE_INFINITY]]);
  });
});
