import { startLoopback, type Handler, type Loopback } from "@plurivox/conformance";
import { describe, expect, test } from "vitest";
import { ollamaModels, type OllamaPullProgress } from "../src/index.ts";
import { errorOf, lines, type Json } from "./support.ts";

const DETAILS = {
  parent_model: "",
  format: "gguf",
  family: "qwen3",
  families: ["qwen3"],
  parameter_size: "8.2B",
  quantization_level: "Q4_K_M",
};
const LISTED = {
  name: "qwen3:8b",
  model: "qwen3:8b",
  modified_at: "2026-11-01T00:00:00Z",
  size: 5_200_000_000,
  digest: "500a",
  details: DETAILS,
};

function serve(body: unknown, status = 200): Promise<Loopback> {
  return startLoopback((_request, response) => {
    response.writeHead(status, { "content-type": "application/json" }).end(typeof body === "string" ? body : JSON.stringify(body));
  });
}

async function all(progress: AsyncIterable<OllamaPullProgress>): Promise<OllamaPullProgress[]> {
  const seen: OllamaPullProgress[] = [];
  for await (const step of progress) seen.push(step);
  return seen;
}

const summary = {
  name: "qwen3:8b",
  sizeBytes: 5_200_000_000,
  digest: "500a",
  modifiedAt: "2026-11-01T00:00:00Z",
  family: "qwen3",
  parameterSize: "8.2B",
  quantization: "Q4_K_M",
};

test("list: what is on the server", async () => {
  await using server = await serve({ models: [LISTED, { name: "bare", size: 1, digest: "d" }] });
  const models = ollamaModels({ baseURL: `${server.url}/`, apiKey: "sk-ollama" });
  expect(await models.list()).toEqual([summary, { name: "bare", sizeBytes: 1, digest: "d" }]);
  expect(server.requests).toMatchObject([{ method: "GET", path: "/api/tags", headers: { authorization: "Bearer sk-ollama" } }]);
});

test("running: what is in memory", async () => {
  const { modified_at: _, ...running } = LISTED;
  await using server = await serve({ models: [{ ...running, expires_at: "2026-11-21T00:05:00Z", size_vram: 6_000 }] });
  const { modifiedAt: __, ...expected } = summary;
  expect(await ollamaModels({ baseURL: server.url }).running()).toEqual([
    { ...expected, expiresAt: "2026-11-21T00:05:00Z", vramBytes: 6000 },
  ]);
  expect(server.requests[0]!.path).toBe("/api/ps");
});

test("show: what a model can do", async () => {
  const shown = { capabilities: ["completion", "tools"], model_info: { "qwen3.context_length": 40_960 }, details: DETAILS };
  await using server = await serve(shown);
  expect(await ollamaModels({ baseURL: server.url }).show("qwen3:8b")).toEqual({
    contextTokens: 40_960,
    capabilities: ["completion", "tools"],
    raw: shown,
  });
  expect(server.requests[0]).toMatchObject({ method: "POST", path: "/api/show", body: { model: "qwen3:8b" } });
});

test("delete", async () => {
  await using server = await serve("");
  await ollamaModels({ baseURL: server.url }).delete("qwen3:8b");
  expect(server.requests[0]).toMatchObject({ method: "DELETE", path: "/api/delete", body: { name: "qwen3:8b" } });
});

describe("errors", () => {
  test("are told by status and words", async () => {
    await using missing = await serve({ error: "model 'qwen3:8b' not found" }, 404);
    const models = ollamaModels({ baseURL: missing.url });
    const expected = { kind: "not-found", status: 404, provider: "ollama", model: "qwen3:8b", hint: "Run: ollama pull qwen3:8b" };
    for (const call of [models.show("qwen3:8b"), models.delete("qwen3:8b"), all(models.pull("qwen3:8b"))])
      expect(await errorOf(call)).toMatchObject(expected);
    await using proxy = await serve("<html><title>Bad gateway</title></html>", 502);
    expect(await errorOf(ollamaModels({ baseURL: proxy.url }).list())).toMatchObject({ kind: "server", retryable: true, status: 502 });
  });

  test("of the connection say what happened", async () => {
    const nobody = await serve("");
    await nobody.close();
    const models = ollamaModels({ baseURL: nobody.url });
    for (const call of [models.list(), all(models.pull("m"))]) {
      const error = await errorOf(call);
      expect(error.kind).toBe("connection");
      expect(error.message).toContain("ECONNREFUSED");
    }
  });

  test("of what is no Ollama", async () => {
    await using page = await serve("<html>Hello</html>");
    const models = ollamaModels({ baseURL: page.url });
    for (const call of [models.list(), models.show("m"), all(models.pull("m"))])
      expect((await errorOf(call)).kind).toBe("invalid-response");
    await using other = await serve({ data: [] });
    expect((await errorOf(ollamaModels({ baseURL: other.url }).list())).kind).toBe("invalid-response");
  });

  test("hold no key", async () => {
    const apiKey = "sk-canary-123456";
    await using server = await serve({ error: `the key ${apiKey} is no good` }, 401);
    const error = await errorOf(ollamaModels({ baseURL: server.url, apiKey }).list());
    expect(error.kind).toBe("authentication");
    expect(JSON.stringify([error, error.message, String(error.cause)])).not.toContain(apiKey);
  });
});

describe("pull", () => {
  const STEPS: Json[] = [
    { status: "pulling manifest" },
    { status: "pulling 500a", digest: "sha256:500a", total: 100 },
    { status: "pulling 500a", digest: "sha256:500a", total: 100, completed: 60 },
    { status: "success" },
  ];

  /** Sends the first two steps, and waits. */
  const stalling: Handler = async (_request, response) => {
    response.write(lines(...STEPS.slice(0, 2)));
  };

  test("tells the progress, in whatever pieces it comes", async () => {
    await using server = await startLoopback(async (_request, response) => {
      for (const byte of Buffer.from(lines(...STEPS).trimEnd())) response.write(Uint8Array.of(byte));
      response.end();
    });
    expect(await all(ollamaModels({ baseURL: server.url }).pull("qwen3:8b"))).toEqual(STEPS);
    expect(server.requests).toMatchObject([{ method: "POST", path: "/api/pull", body: { name: "qwen3:8b", stream: true } }]);
  });

  test("leaving the loop closes the socket", async () => {
    await using server = await startLoopback(stalling);
    for await (const { total } of ollamaModels({ baseURL: server.url }).pull("m")) if (total === 100) break;
    await server.clientClosed();
  });

  test("an abort ends it", async () => {
    await using server = await startLoopback(stalling);
    const controller = new AbortController();
    const reason = new Error("enough");
    const models = ollamaModels({ baseURL: server.url, signal: controller.signal });
    const pulling = (async () => {
      for await (const { total } of models.pull("m")) if (total === 100) controller.abort(reason);
    })();
    expect(await errorOf(pulling)).toMatchObject({ kind: "aborted", cause: reason });
    await server.clientClosed();
    expect(await errorOf(models.list())).toMatchObject({ kind: "aborted" });
    expect(server.requests.length).toBe(1);
  });

  test("a connection that breaks on the way", async () => {
    await using server = await startLoopback(async (_request, response) => {
      response.write(lines(STEPS[0]!), () => response.destroy());
    });
    expect(await errorOf(all(ollamaModels({ baseURL: server.url }).pull("m")))).toMatchObject({ kind: "incomplete-stream", model: "m" });
  });

  test("asks for nothing before somebody listens", async () => {
    await using server = await startLoopback(stalling);
    ollamaModels({ baseURL: server.url }).pull("m");
    expect(server.connections).toBe(0);
  });

  test("errors on the way", async () => {
    const fault = async (body: string) => {
      await using server = await serve(body);
      return await errorOf(all(ollamaModels({ baseURL: server.url }).pull("m")));
    };
    expect(await fault(lines(STEPS[0]!, { error: "pull model manifest: file does not exist" }))).toMatchObject({ kind: "server" });
    expect(await fault(lines(STEPS[0]!, { error: "max retries exceeded: no space left on device" }))).toMatchObject({ model: "m" });
    expect((await fault(lines(STEPS[0]!, { error: "gone" }))).message).toContain("gone");
    expect(await fault(lines(...STEPS.slice(0, 2)))).toMatchObject({ kind: "incomplete-stream", retryable: true });
    expect(await fault(`${lines(STEPS[0]!)}{ no JSON\n`)).toMatchObject({ kind: "invalid-response" });
  });
});
