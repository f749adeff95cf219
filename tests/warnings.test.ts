// The page of warnings names every code that core gives, and no other.
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const CORE = new URL("../packages/core/src/", import.meta.url);

/** Of objects that are no errors of vendors: core has none of those. */
const inSource = readdirSync(CORE, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .flatMap((file) => Array.from(readFileSync(new URL(file, CORE), "utf8").matchAll(/\bcode: "([a-z][a-z-]*)"/g), ([, code]) => code!));
const onPage = Array.from(
  readFileSync(new URL("../docs/warnings.md", import.meta.url), "utf8").matchAll(/^\| `([a-z-]+)`/gm),
  ([, code]) => code!,
);

test("every code is on the page, once", () => {
  expect(onPage.toSorted()).toEqual([...new Set(inSource)].toSorted());
});
