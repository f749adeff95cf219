import type { ErrorFacts, Provider } from "@plurivox/core/provider";
import { errorFacts as factsOfAnyHost } from "@plurivox/provider-openai-compatible";
import { BUSY, KIND_BY_STATUS, NOT_SERVED } from "./quirks.ts";

/** What NIM's errors mean: those of its gateway, `{ status, title, detail }`, and those of the servers in its containers. */
export function errorFacts(from: Parameters<Provider["errorFacts"]>[0]): ErrorFacts {
  const facts = factsOfAnyHost(from);
  const { message = "", status } = facts;
  if (BUSY.test(message)) return { ...facts, kind: "overloaded", retryable: true };
  if (NOT_SERVED.test(message)) return { ...facts, hint: "NVIDIA does not serve this model to this account: see build.nvidia.com." };
  return { ...facts, kind: facts.kind ?? KIND_BY_STATUS[status ?? 0] };
}
