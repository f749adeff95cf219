import { anthropicMessages, testProvider, type CaseName, type TestProviderOptions } from "@plurivox/conformance";
import type { Provider } from "@plurivox/core/provider";
import { anthropic } from "@plurivox/provider-anthropic";
import { expect, test, vi } from "vitest";
import type { Defect } from "./breaking.ts";
import { AMBIENT } from "./conduct-defects.ts";

/** A provider without mistakes, on one of its wires. */
type Sound = Pick<TestProviderOptions, "provider" | "wire" | "model">;

const ANTHROPIC: Sound = { provider: anthropic(), wire: anthropicMessages, model: "claude-sonnet-4-6" };

/** Runs every case of the kit and returns the names of those that fail, with why. */
async function failing(provider: Provider, { wire, model }: Sound): Promise<Map<CaseName, string>> {
  const runs: [name: string, run: () => Promise<void>][] = [];
  const record = (name: string, run: () => Promise<void>) => runs.push([name, run]);
  testProvider(record, { provider, wire, model, env: [AMBIENT] });
  const failed = new Map<CaseName, string>();
  for (const [name, run] of runs) {
    await run().catch((error: unknown) => failed.set(name.slice(`${provider.id}: `.length) as CaseName, String(error)));
  }
  return failed;
}

/** Each of these mistakes, made by a provider that is otherwise sound, must fail the cases that it should, and no other. */
export function testDefects(defects: readonly Defect[], sound: Sound = ANTHROPIC): void {
  vi.setConfig({ testTimeout: 180_000 });
  test.each(defects.map((defect): [string, Defect] => [defect.what, defect]))("a provider that %s", async (_, { breaks, fails }) => {
    const { provider, restore } = await breaks(sound.provider);
    const failed = await failing(provider, sound).finally(restore);
    expect([...failed.keys()].toSorted(), [...failed].map(([name, why]) => `${name}: ${why}`).join("\n")).toEqual(fails.toSorted());
  });
}
