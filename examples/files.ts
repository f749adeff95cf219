/**
 * Pictures: of this machine, as bytes, and by address. Documents and sound go the same way, with `type: "file"`.
 *
 *     npm run example files
 */
import { join } from "node:path";
import { createContext, isLlmError } from "plurivox";
import { startDemo } from "./support/demo.ts";

const folder = join(import.meta.dirname, "support");
/** One red pixel. */
const base64 = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC";
const url = "https://www.gstatic.com/webp/gallery/1.jpg";

await using demo = await startDemo();
await using context = createContext({
  env: demo.env,
  // A message may come from anybody: files are read in these folders alone.
  media: { allowPaths: [folder] },
});
const llm = context.llm();

const { text } = await llm.chat([
  {
    role: "user",
    content: [
      { type: "text", text: "What do these pictures show?" },
      { type: "image", path: join(folder, "stripes.png") },
      { type: "image", base64 },
      { type: "image", url },
    ],
  },
]);
console.log(text);

// A dry run shows what would be sent: a vendor that fetches addresses itself gets the address, the others get the bytes.
const { request } = await llm.explain([
  {
    role: "user",
    content: [
      { type: "image", base64 },
      { type: "image", url },
    ],
  },
]);
for (const [found] of JSON.stringify(request.body).matchAll(/data:[^;"]+|https:[^"]+/g)) console.log("sent:", found);

// Everything else of this machine stays closed.
try {
  await llm.chat([{ role: "user", content: [{ type: "image", path: import.meta.filename }] }]);
} catch (error) {
  if (!isLlmError(error)) throw error;
  console.log("refused:", error.kind, error.message.includes("allowPaths") ? "(allowPaths)" : error.message);
}
