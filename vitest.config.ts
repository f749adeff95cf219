import { defineConfig } from "vitest/config";

/** Providers that are settings over another that runs the same kit in the same suite: their runs of it are in the slow one. */
export const SLOW_KITS = "packages/provider-{azure,lmstudio,nvidia-nim,openai}/test/conformance.test.ts";

// Packages of the workspace are read from their sources, so a test never sees a stale build.
const conditions = ["@plurivox/source", "module", "node", "development|production"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ["@plurivox/source", "node", "module-sync"] } },
  test: {
    include: ["packages/*/test/**/*.test.ts", "apps/*/test/**/*.test.ts", "examples/test/**/*.test.ts", "tests/*.test.ts"],
    exclude: ["**/node_modules/**", SLOW_KITS],
    env: { PLURIVOX_NO_NETWORK: "1" },
    pool: "forks",
    // Half of what the tests do is waiting for sockets and child processes.
    maxWorkers: 2,
    // Only for what hangs: on a busy machine the slowest test may well take ten times as long.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    reporters: ["default", "./scripts/summary-reporter.ts"],
  },
});
