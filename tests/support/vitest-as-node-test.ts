// Stands in for vitest where the providers' own conformance tests run under Node's runner: of vitest they use no more than this.
export { test } from "node:test";

export const vi: { setConfig(config: object): void } = { setConfig() {} };
