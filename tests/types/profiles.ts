// Names of profiles: those in the code are offered, any other string is taken.
import { createContext, type Context, type ContextOptions, type LLM, type ProfileSettings } from "plurivox";
import { is, type Same } from "./assert.ts";

const context = createContext({ profiles: { default: "openai/some-model", smart: { model: "anthropic/some-model", reasoning: "high" } } });
is<Same<typeof context, Context<"default" | "smart">>>();

type NameOf<F> = F extends { (name?: infer N): LLM; (name: string, settings: ProfileSettings): LLM; (settings: ProfileSettings): LLM }
  ? N
  : never;
// `string & {}` keeps the names apart from `string`, which would swallow them.
is<Same<NameOf<(typeof context)["llm"]>, "default" | "smart" | (string & {})>>();

context.llm();
context.llm("smart");
context.llm("from the environment");
context.llm("fast", { model: "openai/some-model", temperature: 0 });
context.llm({ provider: "openai-compatible", model: "some-model", baseURL: "http://127.0.0.1:8080/v1" });

// @ts-expect-error: a profile is named by a string.
context.llm(1);
// @ts-expect-error: not a setting.
context.llm("smart", { temprature: 0 });
// @ts-expect-error: not what the setting takes.
createContext({ profiles: { default: { model: "openai/some-model", temperature: "warm" } } });
// @ts-expect-error: not an effort.
context.llm("smart").with({ reasoning: "extreme" });

const none = createContext();
is<Same<typeof none, Context<never>>>();
is<Same<ContextOptions["env"], Record<string, string | undefined> | undefined>>();
