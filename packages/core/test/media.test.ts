import dns from "node:dns";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createServer as createSecureServer } from "node:https";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { startLoopback, type Handler, type Loopback } from "../../conformance/src/loopback.ts";
import { isLlmError, type FilePart, type LlmError } from "../src/index.ts";
import { isPublicAddress, literalAddress } from "../src/media/address.ts";
import { loadMedia, type LoadMediaOptions } from "../src/media/load.ts";
import { mediaKind, toMediaSource } from "../src/media/source.ts";
import { byExtension, headOf, sniff } from "../src/media/sniff.ts";

const bytes = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
const PNG = bytes("\x89PNG\r\n\x1a\n and so on");
const PDF = bytes("%PDF-1.7 and so on");
const MiB = 1024 * 1024;

let server: Loopback;
let handle: Handler;
beforeAll(async () => {
  server = await startLoopback((...received) => handle(...received));
});
afterAll(() => server.close());

const { lookup } = dns;
afterEach(() => {
  dns.lookup = lookup;
  syncBuiltinESMExports();
});

type Settings = Partial<LoadMediaOptions>;

function load(part: Partial<FilePart>, options: Settings = {}): Promise<FilePart> {
  return loadMedia({ type: "file", ...part }, { signal: new AbortController().signal, ...options });
}

/** Loads `path` from the server, which is allowed by default. */
function get(path: string, options: Settings = {}, part: Partial<FilePart> = {}): Promise<FilePart> {
  return load({ url: server.url + path, ...part }, { allowPrivate: true, ...options });
}

async function failure(work: Promise<unknown>): Promise<LlmError> {
  const error = await work.then(
    (value) => value,
    (thrown: unknown) => thrown,
  );
  if (!isLlmError(error)) throw new Error("It should have failed with an LlmError.", { cause: error });
  return error;
}

function answer(body: Uint8Array | string, headers: Record<string, string> = {}, status = 200): Handler {
  return (_, response) => void response.writeHead(status, headers).end(body);
}

/** Every name resolves to these addresses, one list a question. */
function resolveTo(...answers: string[][]): string[] {
  const asked: string[] = [];
  dns.lookup = vi.fn((name: string, _options: unknown, callback: (error: null, found: dns.LookupAddress[]) => void) => {
    const found = answers[Math.min(asked.push(name), answers.length) - 1]!;
    callback(
      null,
      found.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    );
  }) as unknown as typeof dns.lookup;
  syncBuiltinESMExports();
  return asked;
}

const NOT_PUBLIC = [
  ["127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "017700000001", "0177.0.0.1", "0x7F.0x0.0x0.0x1", "127.0.0.1."],
  ["0x7f.0.1", "00000177.1", "127.255.255.254", "%31%32%37.0.0.1", "\uff11\uff12\uff17.0.0.1", "127\u30020\u30020\u30021"],
  ["0.0.0.0", "0", "0x0", "0.1.2.3", "255.255.255.255", "4294967295", "0xffffffff", "240.0.0.1", "224.0.0.1", "239.255.255.250"],
  ["10.0.0.1", "10.1", "167772161", "172.16.0.1", "172.31.255.255", "2886729729", "192.168.0.1", "192.168.257", "3232235521"],
  ["169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.1", "168.63.129.16", "100.100.100.200"],
  [
    "100.64.0.1",
    "100.127.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
  ],
  [
    "[::]",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[0000::0001]",
    "[::0.0.0.1]",
    "[fe80::1]",
    "[febf::1]",
    "[fec0::1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
  ],
  ["[ff02::1]", "[100::1]", "[5f00::1]", "[4000::1]", "[2001:db8::1]", "[3fff::1]", "[2001:20::1]"],
  [
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:a9fe:a9fe]",
    "[::ffff:10.0.0.1]",
    "[::127.0.0.1]",
    "[::7f00:1]",
    "[::8.8.8.8]",
  ],
  ["[64:ff9b::127.0.0.1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::8.8.8.8]", "[::ffff:0:8.8.8.8]", "[2002:7f00:1::]", "[2002:808:808::1]"],
  ["[2001::1]", "[2001:0:4136:e378:8000:63bf:80ff:fffe]"],
].flat();
const PUBLIC = [
  [
    "8.8.8.8",
    "134744072",
    "0x08080808",
    "1.1",
    "9.255.255.255",
    "11.0.0.1",
    "100.63.255.255",
    "100.128.0.1",
    "126.255.255.255",
    "128.0.0.1",
  ],
  ["169.253.255.255", "172.15.255.255", "172.32.0.1", "192.0.1.1", "192.167.1.1", "198.17.0.1", "223.255.255.255", "168.63.129.17"],
  ["[2606:4700:4700::1111]", "[2001:4860:4860::8888]", "[2a00:1450:4001::]", "[::ffff:8.8.8.8]", "[64:ff9b::8.8.8.8]", "[3fff:1000::1]"],
].flat();

describe("addresses", () => {
  test.each([...NOT_PUBLIC.map((host) => [host, false] as const), ...PUBLIC.map((host) => [host, true] as const)])(
    "%s",
    (host, expected) => {
      const address = literalAddress(new URL(`http://${host}/`).hostname);
      expect(address).toBeDefined();
      expect(isPublicAddress(address!)).toBe(expected);
    },
  );

  test.each([
    "",
    "localhost",
    "1.2.3",
    "1.2.3.4.5",
    "999.1.1.1",
    "010.0.0.1",
    "8.8.8.8 ",
    "fe80::1%eth0",
    "::ffff:127.0.0.1",
    "1::2::3",
    "2606::g",
  ])("%j, from a resolver, is none that is public", (address) => expect(isPublicAddress(address)).toBe(false));

  test("a name is no address", () => {
    for (const host of ["localhost", "example.com", "1.2.3.4.example", "127.0.0.1.nip.io"]) expect(literalAddress(host)).toBeUndefined();
  });

  test.each(NOT_PUBLIC)("nothing is sent to %s", async (host) => {
    const error = await failure(load({ url: `http://${host}/a.png?token=secret` }));
    expect(error.kind).toBe("invalid-request");
    expect(error.message).toContain("no public address");
    expect(error.message).toContain("media.allowHosts");
    expect(error.message).not.toContain("secret");
  });
});

describe("by URL", () => {
  test("bytes, media type and name", async () => {
    handle = answer(PNG, { "content-type": "text/plain", "set-cookie": "a=b" });
    const part = { alt: 1, providerMetadata: { x: { y: 1 } } } as Partial<FilePart>;
    const url = `${server.url}/files/a%20b.pdf?x=1#y`;
    expect(await get("/files/a%20b.pdf?x=1#y", {}, part)).toEqual({
      type: "file",
      ...part,
      data: PNG,
      mediaType: "image/png",
      filename: "a b.pdf",
    });
    const { path, headers } = server.requests.at(-1)!;
    expect(path).toBe("/files/a%20b.pdf?x=1");
    expect(Object.keys(headers).toSorted()).toEqual(["accept", "accept-encoding", "connection", "host", "user-agent"]);
    expect(toMediaSource(await get(url.slice(server.url.length)))).toMatchObject({ kind: "image", mediaType: "image/png" });
  });

  test.each([
    ["the server, where the bytes do not tell", "/x", { "content-type": "Text/HTML; charset=utf-8" }, "text/html"],
    ["the name, where neither does", "/x.CSV", { "content-type": "application/octet-stream" }, "text/csv"],
    ["nobody", "/x", {}, undefined],
  ])("its media type is told by %s", async (_, path, headers, expected) => {
    handle = answer("a,b", headers);
    expect((await get(path)).mediaType).toBe(expected);
  });

  test("what the part says of itself stays", async () => {
    handle = answer("a,b", { "content-type": "text/html" });
    expect(await get("/x", {}, { mediaType: "text/csv", filename: "mine.csv" })).toMatchObject({
      mediaType: "text/csv",
      filename: "mine.csv",
    });
    handle = answer("RIFF1234WAVEfmt ");
    expect(await get("/x", {}, { mediaType: "audio/x-wav" })).toMatchObject({ mediaType: "audio/x-wav" });
  });

  test.each([
    ["a PDF that should be a PNG", PDF, { mediaType: "image/png" }, "should be image/png, but is application/pdf"],
    ["a PDF that should be an image", PDF, { type: "image" }, "should be an image, but is application/pdf"],
    ["a page that should be an image", "<html>", { type: "image" }, "should be an image, but is text/html"],
  ] as const)("%s is an error", async (_, body, part, words) => {
    handle = answer(body, { "content-type": "text/html" });
    const error = await failure(get("/x?token=secret", {}, part));
    expect(error.kind).toBe("invalid-request");
    expect(error.message).toContain(words);
    expect(error.message).not.toContain("secret");
  });

  test("what holds its file, or names an uploaded one, comes back as it is", async () => {
    const kept: Partial<FilePart>[] = [
      { data: PDF, mediaType: "x/y" },
      { base64: "AAAA" },
      { url: "data:image/png;base64,AAAA" },
      { url: "file-id:1" },
    ];
    for (const part of kept) {
      const whole = { type: "file" as const, ...part };
      expect(await loadMedia(whole, { signal: AbortSignal.abort() })).toBe(whole);
    }
  });

  test.each([
    ["ftp://example.com/a.png", "neither http nor https"],
    ["file:///etc/passwd", "neither http nor https"],
    ["javascript:alert(1)", "neither http nor https"],
    ["a.png", "is not a URL"],
    ["http://", "is not a URL"],
    ["http://user:hunter22@exam ple/a.png", "is not a URL"],
    ["https://user:hunter22@example.com/a.png", "holds a name or a password"],
  ])("%s is refused", async (url, words) => {
    const error = await failure(load({ url }));
    expect(error.kind).toBe("invalid-request");
    expect(error.message).toContain(words);
    expect(error.message).not.toContain("hunter22");
  });

  test("an error's words are short, however long the URL is", async () => {
    expect((await failure(load({ url: `blob:${"x".repeat(100_000)}` }))).message.length).toBeLessThan(500);
  });

  test.each([
    [404, "invalid-request"],
    [403, "invalid-request"],
    [304, "invalid-request"],
    [429, "connection"],
    [503, "connection"],
  ])("status %i is %s", async (status, kind) => {
    handle = answer("no", {}, status);
    const error = await failure(get("/x?sig=secret"));
    expect(error.kind).toBe(kind);
    expect(error.message).toContain(`${server.url}/x answered with status ${status}`);
  });

  test("compression that was not asked for is refused", async () => {
    handle = answer("zip", { "content-encoding": "gzip" });
    expect((await failure(get("/x"))).message).toContain("gzip");
  });

  test("a host that nobody listens on, and a body that breaks off, are connection errors", async () => {
    const gone = await startLoopback(answer(""));
    await gone.close();
    const error = await failure(load({ url: `${gone.url}/x?sig=secret` }, { allowPrivate: true }));
    expect([error.kind, error.retryable]).toEqual(["connection", true]);
    expect(error.message).toBe(`Could not reach ${gone.url}/x (ECONNREFUSED).`);
    handle = (_, response) => void response.writeHead(200, { "content-length": "100" }).write("half", () => response.destroy());
    const broken = await failure(get("/y"));
    expect([broken.kind, broken.retryable]).toEqual(["connection", true]);
    expect(broken.message).toContain("broke off");
  });

  test("https goes over TLS, and a certificate that nobody vouches for is refused", async () => {
    const secure = createSecureServer().listen(0, "127.0.0.1");
    await new Promise((listening) => secure.on("listening", listening));
    const { port } = secure.address() as { port: number };
    const error = await failure(load({ url: `https://127.0.0.1:${port}/x` }, { allowPrivate: true }));
    secure.close();
    expect(error.kind).toBe("connection");
    expect(error.message).toContain("Could not reach https://127.0.0.1");
  });
});

describe("names", () => {
  test("one that resolves to loopback is refused, in any case", async () => {
    const port = new URL(server.url).port;
    const before = server.connections;
    for (const host of ["localhost", "LOCALHOST"]) {
      const error = await failure(load({ url: `http://${host}:${port}/x` }));
      expect(error.kind).toBe("invalid-request");
      expect(error.message).toMatch(/localhost:\d+\/x is at (127\.0\.0\.1|::1), which is no public address/);
    }
    expect(server.connections).toBe(before);
  });

  test("one with a single bad address is refused", async () => {
    const asked = resolveTo(["8.8.8.8", "169.254.169.254"]);
    const error = await failure(load({ url: "http://media.example/x" }));
    expect(error.message).toContain("media.example/x is at 169.254.169.254");
    expect(asked).toEqual(["media.example"]);
  });

  test("the address that was checked is the one that is connected to, so a second answer cannot come in between", async () => {
    handle = answer(PNG);
    const asked = resolveTo(["127.0.0.1"], ["8.8.8.8"]);
    const { port } = new URL(server.url);
    const refused = await failure(load({ url: `http://media.example:${port}/x` }));
    expect(refused.kind).toBe("invalid-request");
    expect(asked).toHaveLength(1);
    resolveTo(["127.0.0.1"], ["8.8.8.8"]);
    const part = await load({ url: `http://media.example:${port}/x` }, { allowHosts: ["media.example"] });
    expect(part.data).toEqual(PNG);
  });

  test("one that is not known is a connection error", async () => {
    dns.lookup = ((_name: string, _options: unknown, callback: (error: Error, found: []) => void) =>
      callback(Object.assign(new Error("getaddrinfo ENOTFOUND"), { code: "ENOTFOUND" }), [])) as unknown as typeof dns.lookup;
    syncBuiltinESMExports();
    const error = await failure(load({ url: "http://media.example/x?sig=secret" }));
    expect(error.kind).toBe("connection");
    expect(error.message).toBe("Could not reach http://media.example/x (ENOTFOUND).");
  });

  test.each(["127.0.0.1", "host and port"])("allowHosts lets %s in, and no other", async (what) => {
    handle = answer(PNG);
    const { host, port } = new URL(server.url);
    const allowHosts = [what === "host and port" ? host : what];
    expect((await get("/x", { allowPrivate: false, allowHosts })).data).toEqual(PNG);
    expect((await failure(load({ url: `http://127.0.0.2:${port}/x` }, { allowHosts }))).kind).toBe("invalid-request");
    expect((await failure(load({ url: `http://localhost:${port}/x` }, { allowHosts }))).kind).toBe("invalid-request");
  });

  test("loopbackOnly calls nothing else, and asks no resolver", async () => {
    handle = answer(PNG);
    const asked = resolveTo(["127.0.0.1"]);
    for (const url of ["http://8.8.8.8/x", "http://media.example/x", "https://localhost.example/x", "http://10.0.0.1/"]) {
      const error = await failure(load({ url }, { loopbackOnly: true, allowPrivate: true }));
      expect(error.kind).toBe("configuration");
      expect(error.message).toContain("PLURIVOX_NO_NETWORK");
    }
    expect(asked).toEqual([]);
    expect((await get("/x", { loopbackOnly: true })).data).toEqual(PNG);
    expect((await failure(get("/x", { loopbackOnly: true, allowPrivate: false }))).kind).toBe("invalid-request");
  });
});

describe("redirects", () => {
  const to = (location: string, status = 302): Handler => answer("", { location }, status);

  test.each([301, 302, 303, 307, 308])("%i is followed", async (status) => {
    handle = (request, response, raw) => (request.path === "/b/c" ? answer(PNG) : to("b/c", status))(request, response, raw);
    expect(await get("/a.png")).toMatchObject({ data: PNG, filename: "a.png" });
  });

  test.each([
    ["http://169.254.169.254/latest/meta-data", "no public address"],
    ["http://[::ffff:127.0.0.1]/", "no public address"],
    ["//2130706433/x", "no public address"],
    ["file:///etc/passwd", "neither http nor https"],
    ["http://user:hunter22@8.8.8.8/", "holds a name or a password"],
    ["http://", "is none"],
  ])("to %s is refused", async (location, words) => {
    handle = to(`${location}?sig=secret`);
    const { host } = new URL(server.url);
    const error = await failure(get("/x", { allowPrivate: false, allowHosts: [host] }));
    expect(error.kind).toBe("invalid-request");
    expect(error.message).toContain(words);
    expect(error.message).not.toMatch(/secret|hunter22/);
  });

  test("to a name at a private address is refused", async () => {
    const { host, port } = new URL(server.url);
    handle = to(`http://localhost:${port}/secret`);
    const before = server.requests.length;
    expect((await failure(get("/x", { allowPrivate: false, allowHosts: [host] }))).message).toContain("no public address");
    expect(server.requests.slice(before).map(({ path }) => path)).toEqual(["/x"]);
  });

  test("five are followed, no more", async () => {
    let left = 5;
    handle = (...received) => (left-- > 0 ? to("/next") : answer(PNG))(...received);
    expect((await get("/x")).data).toEqual(PNG);
    left = 6;
    const error = await failure(get("/x"));
    expect([error.kind, error.message.includes("more than 5 times")]).toEqual(["invalid-request", true]);
  });

  test("one that leads nowhere is a status like any other", async () => {
    handle = answer("", {}, 302);
    expect((await failure(get("/x"))).message).toContain("status 302");
  });
});

describe("limits", () => {
  test("too large by its header: nothing of it is read", async () => {
    handle = (_, response) => void response.writeHead(200, { "content-length": String(21 * MiB) }).write("x");
    const error = await failure(get("/x?sig=secret"));
    expect(error.kind).toBe("invalid-request");
    expect(error.message).toContain(`${server.url}/x is larger than ${20 * MiB} bytes`);
    await expect.poll(() => server.openSockets).toBe(0);
  });

  test("too large in drips", async () => {
    let written = 0;
    handle = (_, response) => {
      const drip = () => {
        written++;
        if (!response.destroyed) response.write(new Uint8Array(1_000), () => setImmediate(drip));
      };
      drip();
    };
    expect((await failure(get("/x", { maxBytes: 10_000 }))).message).toContain("larger than 10000 bytes");
    handle = answer(new Uint8Array(10_000));
    expect((await get("/x", { maxBytes: 10_000 })).data).toHaveLength(10_000);
    expect(written).toBeLessThan(10_000);
  });

  test.each([
    ["headers that never come", () => {}],
    ["a body that stops", (_, response) => void response.writeHead(200).write("x")],
  ] satisfies [string, Handler][])("%s: timeout", async (_, handler) => {
    handle = handler;
    const error = await failure(get("/x?sig=secret", { timeoutMs: 50 }));
    expect([error.kind, error.retryable]).toEqual(["timeout", true]);
    expect(error.message).toContain(`${server.url}/x did not arrive within 50 ms`);
  });

  test("a resolver that never answers: timeout", async () => {
    dns.lookup = (() => {}) as unknown as typeof dns.lookup;
    syncBuiltinESMExports();
    expect((await failure(load({ url: "http://media.example/x" }, { timeoutMs: 50 }))).kind).toBe("timeout");
  });

  test("no time limit is no limit", async () => {
    handle = answer(PNG);
    expect((await get("/x", { timeoutMs: Number.POSITIVE_INFINITY })).data).toEqual(PNG);
  });

  test("an abort ends it at once, closes the socket, and leaves no listener", async () => {
    const abort = new AbortController();
    const listeners = vi.spyOn(abort.signal, "addEventListener");
    const removed = vi.spyOn(abort.signal, "removeEventListener");
    const reason = new Error("enough");
    handle = (_, response) => {
      response.writeHead(200).write("x");
      setImmediate(() => abort.abort(reason));
    };
    const error = await failure(get("/x", { signal: abort.signal }));
    expect([error.kind, error.cause]).toEqual(["aborted", reason]);
    expect(removed.mock.calls.map(([, listener]) => listener)).toEqual(listeners.mock.calls.map(([, listener]) => listener));
    await expect.poll(() => server.openSockets).toBe(0);
    const before = server.connections;
    expect((await failure(get("/x", { signal: abort.signal }))).kind).toBe("aborted");
    expect(server.connections).toBe(before);
  });
});

describe("by path", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "media-"));
    await mkdir(join(folder, "open", "deep"), { recursive: true });
    await mkdir(join(folder, "open-too"));
    await writeFile(join(folder, "open", "deep", "a.png"), PNG);
    await writeFile(join(folder, "open", "..b"), "hidden");
    await writeFile(join(folder, "secret.pdf"), PDF);
    await writeFile(join(folder, "open-too", "secret.pdf"), PDF);
    await symlink(join(folder, "secret.pdf"), join(folder, "open", "link.pdf"));
    await symlink(folder, join(folder, "open", "up"));
    await symlink(join(folder, "open", "deep", "a.png"), join(folder, "good-link.png"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test("is off by default", async () => {
    for (const allowPaths of [undefined, false, []]) {
      const error = await failure(load({ path: join(folder, "secret.pdf") }, { allowPaths }));
      expect(error.kind).toBe("invalid-request");
      expect(error.message).toContain("media.allowPaths");
    }
  });

  test("anywhere, where that is allowed", async () => {
    const part = await load({ path: join(folder, "secret.pdf") }, { allowPaths: true });
    expect(part).toEqual({ type: "file", data: PDF, mediaType: "application/pdf", filename: "secret.pdf" });
  });

  test("in the directories that are listed, links resolved", async () => {
    const allowPaths = ["/nowhere", join(folder, "open")];
    for (const name of ["open/deep/a.png", "open/deep/../deep/a.png", "good-link.png", "open/up/open/deep/a.png"])
      expect((await load({ path: join(folder, name), type: "image" }, { allowPaths })).data).toEqual(PNG);
    expect((await load({ path: join(folder, "open", "..b") }, { allowPaths })).data).toEqual(bytes("hidden"));
    expect((await load({ path: join(folder, "open/deep/a.png") }, { allowPaths: [join(folder, "open/up/open")] })).data).toEqual(PNG);
  });

  test.each([
    "open/../secret.pdf",
    "open/link.pdf",
    "open/up/secret.pdf",
    "open-too/secret.pdf",
    "secret.pdf",
    "not-there.pdf",
    "open/not-there.pdf",
    "a\0b",
  ])("not %j, and it is not told whether it exists", async (name) => {
    const path = `${folder}/${name}`;
    const error = await failure(load({ path }, { allowPaths: [join(folder, "open")] }));
    expect(error.kind).toBe("invalid-request");
    expect(error.message).toContain(`There is no file ${JSON.stringify(path)} in the directories that media.allowPaths names.`);
  });

  test("a missing file, a directory, a device and one that is too large are errors", async () => {
    const allowPaths = true;
    const words = async (path: string, options: Settings = {}) => (await failure(load({ path }, { allowPaths, ...options }))).message;
    expect(await words(join(folder, "gone"))).toContain("There is no file");
    expect(await words(folder)).toContain("is not a file");
    expect(await words("/dev/zero")).toContain(process.platform === "win32" ? "There is no file" : "is not a file");
    expect(await words(join(folder, "secret.pdf"), { maxBytes: 3 })).toContain("larger than 3 bytes");
  });

  test("a PDF that should be an image is an error", async () => {
    const error = await failure(load({ path: join(folder, "secret.pdf"), type: "image" }, { allowPaths: true }));
    expect(error.message).toContain("should be an image");
  });
});

describe("what the first bytes tell", () => {
  test.each([
    ["image/png", "\x89PNG\r\n\x1a\n"],
    ["image/jpeg", "\xff\xd8\xff\xe0"],
    ["image/jpeg", "\xff\xd8\xff\xdb"],
    ["image/gif", "GIF89a"],
    ["image/webp", "RIFF\x24\0\0\0WEBPVP8 "],
    ["image/avif", "\0\0\0\x20ftypavif"],
    ["image/heic", "\0\0\0\x18ftypheic"],
    ["image/heic", "\0\0\0\x18ftypmif1"],
    ["image/bmp", "BM\x36\x01\0\0\0\0\0\0\x36\0"],
    ["image/tiff", "II*\0\x08"],
    ["image/tiff", "MM\0*\0"],
    ["application/pdf", "%PDF-1.4"],
    ["audio/wav", "RIFF\x24\0\0\0WAVEfmt "],
    ["audio/mpeg", "ID3\x03"],
    ...["\xfa", "\xfb", "\xf2", "\xf3", "\xe2", "\xe3"].map((second): [string, string] => ["audio/mpeg", `\xff${second}\x90`]),
    ["audio/aac", "\xff\xf1\x50"],
    ["audio/aac", "\xff\xf9\x50"],
    ["audio/flac", "fLaC\0"],
    ["audio/ogg", "OggS\0"],
    ["audio/mp4", "\0\0\0\x20ftypM4A \0"],
    ["video/mp4", "\0\0\0\x20ftypisom\0"],
    ["video/quicktime", "\0\0\0\x14ftypqt  \0"],
    ["video/webm", "\x1aE\xdf\xa3\x01"],
    [undefined, "BMW is a car maker"],
    [undefined, "RIFF\x24\0\0\0AVI LIST"],
    [undefined, "\xff\xfeh\0i\0"],
    [undefined, "???????????????"],
    [undefined, ""],
  ])("%s", (expected, head) => {
    expect(sniff(headOf(bytes(head)))).toBe(expected);
    const part: FilePart = { type: "file", base64: btoa(head) };
    expect(toMediaSource(part).mediaType).toBe(expected ?? "application/octet-stream");
    expect(mediaKind({ type: "file", data: bytes(head) })).toBe(mediaKind(part));
  });

  test("or the ending of the name", () => {
    expect(["a.b.PNG", "x.m4a", "x.constructor", "x"].map(byExtension)).toEqual(["image/png", "audio/mp4", undefined, undefined]);
  });
});
