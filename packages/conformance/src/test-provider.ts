import { approvalCases } from "./cases/approvals.ts";
import { capabilityCases } from "./cases/capabilities.ts";
import { cleanlinessCases } from "./cases/cleanliness.ts";
import { connectionCases } from "./cases/connections.ts";
import { embedCases } from "./cases/embed.ts";
import { errorCases } from "./cases/errors.ts";
import { faultCases } from "./cases/faults.ts";
import { framingCases } from "./cases/framing.ts";
import { habitCases } from "./cases/habits.ts";
import { historyCases } from "./cases/histories.ts";
import { hostileCases } from "./cases/hostile.ts";
import { lifecycleCases } from "./cases/lifecycle.ts";
import { limitCases } from "./cases/limits.ts";
import { mediaCases } from "./cases/media.ts";
import { outputCases } from "./cases/output.ts";
import { outputWayCases } from "./cases/output-ways.ts";
import { reasoningCases } from "./cases/reasoning.ts";
import { resilienceCases } from "./cases/resilience.ts";
import { secretCases } from "./cases/secrets.ts";
import { textCases } from "./cases/text.ts";
import { timeCases } from "./cases/time.ts";
import { toolCases } from "./cases/tools.ts";
import { toolHistoryCases } from "./cases/tool-history.ts";
import { toolGeneratorCases } from "./cases/tool-generators.ts";
import { toolLoopCases } from "./cases/tool-loop.ts";
import { usageCases } from "./cases/usage.ts";
import { wholeCases } from "./cases/whole.ts";
import { makeKit, type Case, type KitOptions } from "./kit.ts";
import { CASE_NAMES, type CaseName } from "./names.ts";

/** A runner's `test`: vitest's, node:test's, or any function that registers a named test. */
export interface TestFunction {
  (name: string, run: () => Promise<void>): unknown;
  skip?: (name: string, run: () => Promise<void>) => unknown;
}

export interface TestProviderOptions extends KitOptions {
  /** Made by the package's factory. */
  provider: KitOptions["provider"];
  /** The vendor's wire, from this package or one of your own. */
  wire: KitOptions["wire"];
  /** A model whose table lacks nothing that the wire can say. */
  model: string;
  /** The profile's `api`, for a provider that speaks several wires. */
  api?: string;
  /** Names of environment variables that the vendor's SDK reads: none may reach the wire. */
  env?: readonly string[];
  /** Cases that this provider legitimately does not pass, each with its reason. */
  skip?: Partial<Record<CaseName, string>>;
}

/** Every case, in the order in which they are registered. */
export const CASES: readonly Case[] = [
  ...textCases,
  ...toolCases,
  ...toolHistoryCases,
  ...historyCases,
  ...toolLoopCases,
  ...toolGeneratorCases,
  ...approvalCases,
  ...usageCases,
  ...wholeCases,
  ...reasoningCases,
  ...mediaCases,
  ...outputCases,
  ...outputWayCases,
  ...limitCases,
  ...errorCases,
  ...resilienceCases,
  ...habitCases,
  ...framingCases,
  ...faultCases,
  ...lifecycleCases,
  ...timeCases,
  ...connectionCases,
  ...capabilityCases,
  ...embedCases,
  ...cleanlinessCases,
  ...secretCases,
  ...hostileCases,
];

/**
 * Registers every case with a runner. A skipped case is registered too, under a name that ends with its reason.
 * Throws at once for a skip of a case that does not exist, or without a reason.
 */
export function testProvider(test: TestFunction, options: TestProviderOptions): void {
  const kit = makeKit(options);
  const skip: Partial<Record<string, string>> = { ...embedSkips(options), ...options.wire.cannot, ...options.skip };
  for (const [name, reason] of Object.entries(skip)) {
    if (!CASE_NAMES.includes(name as CaseName))
      throw new TypeError(`There is no case ${JSON.stringify(name)} to skip. The cases are: ${CASE_NAMES.join(", ")}.`);
    if (typeof reason !== "string" || reason.trim() === "") throw new TypeError(`The skip of ${JSON.stringify(name)} gives no reason.`);
  }
  const on = options.api === undefined ? options.provider.id : `${options.provider.id} (${options.api})`;
  for (const { name, run } of CASES) {
    const reason = skip[name];
    if (reason === undefined) test(`${on}: ${name}`, () => run(kit));
    else if (test.skip === undefined) test(`${on}: ${name} — skipped: ${reason}`, async () => {});
    else test.skip(`${on}: ${name} — skipped: ${reason}`, async () => {});
  }
}

/** Either a provider embeds, or it says that it does not. */
function embedSkips({ provider, wire }: TestProviderOptions): Partial<Record<CaseName, string>> {
  if (provider.embed !== undefined && wire.embed !== undefined) {
    return {
      "embed-missing": "this vendor has embeddings",
      ...(!wire.embed.indexed && { "embed-order": "vectors have no index on this wire: they come in the order of the texts" }),
    };
  }
  const reason = provider.embed === undefined ? "this vendor has no embeddings" : "this wire does not say how it embeds";
  const skipped = CASE_NAMES.filter((name) => /^embed\b/.test(name) && (name !== "embed-missing" || provider.embed !== undefined));
  return Object.fromEntries(skipped.map((name) => [name, reason]));
}
