import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readNdjson, readSse, type WireSink, type WireReader } from "../src/stream/wire.ts";

const encode = (text: string) => new TextEncoder().encode(text);

type Framing = (sink: WireSink, options?: { maxLine?: number }) => WireReader;
interface WireEvent {
  name?: string;
  data: unknown;
}

/** A reader that keeps what it is told. */
function keeping(framing: Framing, options?: { maxLine?: number }): { reader: WireReader; events: WireEvent[] } {
  const events: WireEvent[] = [];
  const reader = framing({ event: (data, name) => events.push(name === undefined ? { data } : { name, data }) > 0 }, options);
  return { reader, events };
}

/** Everything that a framing tells of these bytes, cut at these places. */
function read(framing: Framing, bytes: Uint8Array, cuts: readonly number[] = []): WireEvent[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].toSorted((a, b) => a - b);
  const { reader, events } = keeping(framing);
  let from = 0;
  for (const to of [...places, bytes.length]) {
    reader.push(bytes.subarray(from, to));
    from = to;
  }
  reader.end();
  return events;
}

const sse = (text: string, cuts?: readonly number[]) => read(readSse, encode(text), cuts);

describe("server-sent events", () => {
  test.each([
    ["LF", 'data: {"a":1}\n\ndata: {"a":2}\n\n'],
    ["CRLF", 'data: {"a":1}\r\n\r\ndata: {"a":2}\r\n\r\n'],
    ["CR", 'data: {"a":1}\r\rdata: {"a":2}\r\r'],
    ["a mix of endings", 'data: {"a":1}\r\n\rdata: {"a":2}\n\r\n'],
    ["a byte order mark", '\uFEFFdata: {"a":1}\n\ndata: {"a":2}\n\n'],
    ["no space after the colon", 'data:{"a":1}\n\ndata:{"a":2}\n\n'],
    ["comments between and inside events", ': hi\n\ndata: {"a":1}\n: ping\n\n: PROCESSING\n\n:\ndata: {"a":2}\n\n'],
    ["id and retry lines", 'id: 7\nretry: 100\ndata: {"a":1}\n\nretry\ndata: {"a":2}\nid\n\n'],
    ["data in several lines", 'data: {"a":\ndata: 1}\n\ndata: {"a":2}\n\n'],
    ["no blank line after the last event", 'data: {"a":1}\n\ndata: {"a":2}\n'],
    ["no line ending after the last event", 'data: {"a":1}\n\ndata: {"a":2}'],
    ["blank lines before, between and after", '\n\ndata: {"a":1}\n\n\n\ndata: {"a":2}\n\n\n'],
    ["events without data", 'event: ping\n\ndata: {"a":1}\n\ndata\n\ndata:\n\ndata: {"a":2}\n\n'],
    ["unknown fields", 'datum: x\ndataset: y\nevents: z\ndata: {"a":1}\n\ndata: {"a":2}\n\n'],
    ["what follows the terminator", 'data: {"a":1}\n\ndata: {"a":2}\n\ndata: [DONE]\n\ndata: {"a":3}\n\n'],
  ])("%s", (_, text) => {
    for (let size = 1; size <= text.length; size++) {
      const cuts = Array.from({ length: text.length }, (_value, index) => (index + 1) * size);
      expect(sse(text, cuts)).toEqual([{ data: { a: 1 } }, { data: { a: 2 } }]);
    }
  });

  test("names events, and forgets the name with the event", () => {
    expect(sse("event: one\ndata: 1\n\ndata: 2\n\nevent:three\ndata: 3\n\n")).toEqual([
      { name: "one", data: 1 },
      { data: 2 },
      { name: "three", data: 3 },
    ]);
  });

  test("text that looks like the protocol passes through whole", () => {
    const text = "[DONE] data: x\n\nevent: y </think> \r\n : z";
    expect(sse(`data: ${JSON.stringify(text)}\n\n`)).toEqual([{ data: text }]);
  });

  test("says that the terminator came", () => {
    const { reader } = keeping(readSse);
    reader.push(encode("data: 1\n\ndata: [DO"));
    expect(reader.done).toBe(false);
    reader.push(encode("NE]\n\n"));
    expect(reader.done).toBe(true);
  });

  test("malformed JSON is a fault; what came before it is delivered, nothing after it", () => {
    const { reader, events } = keeping(readSse);
    reader.push(encode("data: 1\n\ndata: {oops\n\ndata: 2\n\n"));
    expect(reader.fault).toMatchObject({ kind: "invalid-response", message: expect.stringContaining("{oops") as string });
    reader.push(encode("data: 3\n\n"));
    expect(events).toEqual([{ data: 1 }]);
  });

  test("whoever wants no more is told no more", () => {
    const told: unknown[] = [];
    const reader = readSse({ event: (data) => told.push(data) < 2 });
    reader.push(encode("data: 1\n\ndata: 2\n\ndata: 3\n\n"));
    reader.push(encode("data: 4\n\n"));
    expect(told).toEqual([1, 2]);
  });

  test("an event that was cut off at the end is no fault: the stream was incomplete", () => {
    const { reader, events } = keeping(readSse);
    reader.push(encode('data: 1\n\ndata: {"te'));
    reader.end();
    expect(events).toEqual([{ data: 1 }]);
    expect(reader.fault).toBeUndefined();
  });

  test("a line that never ends is bounded", () => {
    const { reader } = keeping(readSse, { maxLine: 1000 });
    for (let i = 0; i < 20; i++) reader.push(encode("data: ".padEnd(100, "x")));
    expect(reader.fault).toMatchObject({ kind: "invalid-response" });
  });

  test("any JSON, in any framing, split anywhere, arrives as it was", () => {
    const ending = fc.constantFrom("\n", "\r\n", "\r");
    const event = fc.record({ name: fc.option(fc.stringMatching(/^[a-z_.]{1,9}$/), { nil: undefined }), data: fc.jsonValue() });
    fc.assert(
      fc.property(fc.array(event), ending, fc.boolean(), fc.boolean(), fc.array(fc.nat(5000)), (events, eol, comments, space, cuts) => {
        const gap = space ? " " : "";
        const frame = ({ name, data }: { name?: string; data: unknown }) =>
          [
            ...(comments ? [": comment"] : []),
            ...(name === undefined ? [] : [`event:${gap}${name}`]),
            `data:${gap}${JSON.stringify(data)}`,
            "",
            "",
          ].join(eol);
        expect(sse(events.map(frame).join(""), cuts)).toEqual(JSON.parse(JSON.stringify(events)));
      }),
    );
  });

  test("bytes of any kind never throw out of the reader", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 })), (pieces) => {
        const { reader } = keeping(readSse, { maxLine: 1 << 20 });
        for (const piece of pieces) reader.push(piece);
        reader.end();
      }),
    );
  });

  test("any text, split at every byte, is decoded as a whole", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 40 }), (text) => {
        const bytes = encode(`data: ${JSON.stringify(text)}\n\n`);
        const cuts = Array.from(bytes, (_byte, index) => index);
        expect(read(readSse, bytes, cuts)).toEqual([{ data: JSON.parse(JSON.stringify(text)) }]);
      }),
    );
  });
});

describe("newline-delimited JSON", () => {
  test("one value a line, any ending, the last one also without", () => {
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue()),
        fc.constantFrom("\n", "\r\n"),
        fc.boolean(),
        fc.array(fc.nat(5000)),
        (values, eol, closed, cuts) => {
          const text = values.map((value) => JSON.stringify(value)).join(eol) + (closed ? eol : "");
          expect(read(readNdjson, encode(text), cuts)).toEqual(JSON.parse(JSON.stringify(values.map((data) => ({ data })))));
        },
      ),
    );
  });

  test("malformed JSON is a fault", () => {
    const { reader, events } = keeping(readNdjson);
    reader.push(encode('{"a":1}\n{"a":\n'));
    expect(events).toEqual([{ data: { a: 1 } }]);
    expect(reader.fault).toMatchObject({ kind: "invalid-response" });
  });
});
