import type { FilePart } from "@plurivox/core";
import assert from "node:assert/strict";
import { bothFailures, bothWays, user } from "../expect.ts";
import { says, type Case, type Kit } from "../kit.ts";
import { startLoopback } from "../loopback.ts";
import { HELLO, PDF, PNG } from "../samples.ts";
import type { ReceivedItem } from "../wire.ts";

export const mediaCases: readonly Case[] = [
  { name: "image-inline", run: imageInline },
  { name: "image-url", run: imageUrl },
  { name: "document-inline", run: documentInline },
  { name: "media-guarded", run: guarded },
];

function inline(bytes: Uint8Array, mediaType: string, type: FilePart["type"]): FilePart[] {
  const base64 = Buffer.from(bytes).toString("base64");
  return [
    { type, data: bytes },
    { type, base64, mediaType },
    { type, url: `data:${mediaType};base64,${base64}` },
  ];
}

/** The file that arrived between the two texts round it. */
async function arrived(kit: Kit, part: FilePart): Promise<Extract<ReceivedItem, { type: "image" | "document" | "audio" }>[]> {
  await using served = await kit.serve(says(HELLO));
  await bothWays(served.llm, [user({ type: "text", text: "before" }, part, { type: "text", text: "after" })]);
  return served.calls.map(({ items }) => {
    assert.deepEqual(
      items.map((item) => (item.type === "text" ? item.text : "file")),
      kit.wire.lacks?.includes("parts") ? ["file", "before\n\nafter"] : ["before", "file", "after"],
      "the file should stay where it was put",
    );
    const item = items.find(({ type }) => type !== "text");
    assert.ok(item?.type === "image" || item?.type === "document", `a file should arrive as a file; it came as ${item?.type}`);
    return item;
  });
}

async function imageInline(kit: Kit): Promise<void> {
  for (const part of inline(PNG, "image/png", "image")) {
    for (const item of await arrived(kit, part)) {
      assert.equal(item.type, "image");
      assert.equal(item.base64, Buffer.from(PNG).toString("base64"), "the image's bytes, unchanged");
      if (!kit.wire.lacks?.includes("media-type")) assert.equal(item.mediaType, "image/png", "its media type");
    }
  }
}

async function imageUrl(kit: Kit): Promise<void> {
  const url = "https://images.example/a%20cat.png?size=2&x=1";
  for (const item of await arrived(kit, { type: "image", url })) {
    assert.equal(item.type, "image");
    assert.equal(item.url, url, "the image's address, unchanged");
  }
}

async function documentInline(kit: Kit): Promise<void> {
  for (const part of inline(PDF, "application/pdf", "file")) {
    for (const item of await arrived(kit, { ...part, filename: "report.pdf" })) {
      assert.equal(item.type, "document");
      assert.equal(item.base64, Buffer.from(PDF).toString("base64"), "the document's bytes, unchanged");
      assert.equal(item.mediaType, "application/pdf", "its media type");
      if (!kit.wire.lacks?.includes("filename")) assert.equal(item.filename, "report.pdf", "its name");
    }
  }
}

/** Whoever can feed a program with messages can name paths and private addresses in them: neither is read unless the program says so. */
async function guarded(kit: Kit): Promise<void> {
  await using served = await kit.serve(says(HELLO));
  const path = process.execPath;
  const parts: FilePart[] = [
    { type: "image", path },
    { type: "image", url: `file://${path}` },
    { type: "image", path: "/proc/self/environ", mediaType: "image/png" },
  ];
  for (const part of parts) {
    const what = part.path ?? part.url ?? "";
    for (const [how, error] of await bothFailures(served.llm, [user(part)], what))
      assert.equal(error.kind, "invalid-request", `${how}: ${what} should not be read: ${error.message}`);
  }
  assert.equal(served.calls.length, 0, "nothing should be sent");
  let asked = 0;
  await using inside = await startLoopback((_, response) => {
    asked++;
    response.setHeader("content-type", "image/png").end(PNG);
  });
  // A vendor that fetches URLs itself gets it as it is; one that does not, none of it.
  await served.llm.chat([user({ type: "image", url: `${inside.url}/secret.png` })]).catch(() => {});
  assert.equal(asked, 0, "a private address should not be asked");
}
