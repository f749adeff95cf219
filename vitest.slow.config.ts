import { defineConfig } from "vitest/config";
import config, { SLOW_KITS } from "./vitest.config.ts";

/** What takes long: the conformance kit, run once for every defect that it must see, under Node's own runner, and for providers that are settings over others. */
export default defineConfig({
  ...config,
  test: { ...config.test, include: ["tests/slow/**/*.test.ts", SLOW_KITS], exclude: ["**/node_modules/**"] },
});
