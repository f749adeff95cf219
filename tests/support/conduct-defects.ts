import type { Provider } from "@plurivox/core/provider";
import { connecting, withChat, type Defect } from "./breaking.ts";
import { leakyProxies } from "./leaky-proxy.ts";

/** A variable that one of them passes on. */
export const AMBIENT = "KIT_AMBIENT_ORGANIZATION";

/** Mistakes in how it is done. */
export const CONDUCT_DEFECTS: readonly Defect[] = [
  {
    what: "retries by itself",
    breaks: (sound) =>
      connecting(sound, (to) => ({
        ...to,
        fetch: async (url, init) => {
          const first = await to.fetch(url, init);
          return first.status >= 500 ? to.fetch(url, init) : first;
        },
      })),
    fails: ["sdk-retries-off", "retry", "retry-deadline", "retry-abort", "fallback"],
  },
  {
    what: "keeps the connection to the vendor when the caller has left",
    breaks(sound) {
      const proxies = leakyProxies();
      const connect: Provider["connect"] = async (to) => sound.connect({ ...to, baseURL: await proxies.towards(to.baseURL) });
      return { provider: { ...sound, connect }, restore: () => proxies.close() };
    },
    fails: [
      "retry-deadline",
      "tee",
      "break",
      "cancel",
      "dispose",
      "abort",
      "abort-before-the-answer",
      "slow-reader",
      "timeout-headers",
      "timeout-first-byte",
      "timeout-idle",
      "tool-loop-abort",
    ],
  },
  {
    what: "keeps no connection alive",
    breaks: (sound) => connecting(sound, ({ headers, ...to }) => ({ ...to, headers: { ...headers, connection: "close" } })),
    fails: ["keep-alive"],
  },
  {
    what: "tells a shorter wait than the vendor asks for",
    breaks: (sound) => ({ provider: { ...sound, errorFacts: (from) => ({ ...sound.errorFacts(from), retryAfterMs: 1 }) } }),
    fails: ["error-retry-after", "retry-deadline", "retry-abort", "rate-limit-reset"],
  },
  {
    what: "goes to a place of its own where it does not know the one that it is given",
    breaks: (sound) =>
      connecting(sound, ({ baseURL, ...to }) => ({ ...to, baseURL: baseURL.includes("127.0.0.1:") ? baseURL : "http://127.0.0.1:9" })),
    fails: ["no-network"],
  },
  {
    what: "prints",
    breaks: (sound) =>
      withChat(sound, ({ toRequest }) => ({
        toRequest(call) {
          process.stdout.write("");
          return toRequest(call);
        },
      })),
    fails: ["no-output", "no-ambient-environment"],
  },
  {
    what: "passes a variable of the environment on",
    breaks: (sound) =>
      connecting(sound, ({ headers, ...to }) => ({ ...to, headers: { ...headers, "x-organization": process.env[AMBIENT] ?? "none" } })),
    fails: ["no-ambient-environment"],
  },
  {
    what: "leaves the key in an error",
    breaks(sound) {
      let key: string | undefined;
      const { provider } = connecting(sound, (to) => {
        key = to.apiKey;
        return to;
      });
      return {
        provider: {
          ...provider,
          errorFacts: (from) => {
            const facts = sound.errorFacts(from);
            return { ...facts, message: `${facts.message ?? ""} The key was ${key}.` };
          },
        },
      };
    },
    fails: ["no-key-anywhere", "error-too-long"],
  },
  {
    what: "runs in a house that leaves its listeners on signals",
    breaks(sound) {
      const { removeEventListener } = AbortSignal.prototype;
      AbortSignal.prototype.removeEventListener = () => {};
      return { provider: sound, restore: () => void (AbortSignal.prototype.removeEventListener = removeEventListener) };
    },
    fails: ["no-listener-left", "concurrent-1000"],
  },
];
