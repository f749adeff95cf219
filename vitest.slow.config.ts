import { defineConfig } from "vitest/config";
import config from "./vitest.config.ts";

/** What takes long: the conformance kit, run once for every defect that it must see. */
export default defineConfig({ ...config, test: { ...config.test, include: ["tests/slow/**/*.test.ts"] } });
