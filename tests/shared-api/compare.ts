// Our public types beside the shapes that users and acceptance checks rely on. What is not there yet is named, so that the list only shrinks.
import type * as Shared from "../../../shared/api.d.ts";
import type * as Next from "../../../shared/api-next.d.ts";
import type * as Ours from "plurivox";
import { is, type Assignable, type Same } from "../types/assert.ts";

type Missing<Theirs, Own> = Exclude<keyof Theirs, keyof Own>;
/** What callers pass in the shared shape, less what we lack: ours must take it. */
type Given<Theirs, Own, Narrower extends keyof Theirs = never> = Pick<Theirs, Exclude<keyof Theirs & keyof Own, Narrower>>;

// The shared file stands in no package, so the compiler takes it for CommonJS and gives it a `default`.
is<Same<Exclude<keyof typeof Shared, keyof typeof Ours | "default">, never>>();

// What callers read: ours can stand wherever the shared shape is expected. It may say more.
is<Same<Ours.ErrorKind, Shared.ErrorKind>>();
is<Same<Ours.FinishReason, Shared.FinishReason>>();
is<Same<Ours.ReasoningEffort, Shared.ReasoningEffort>>();
is<Same<Ours.ProviderMetadata, Shared.ProviderMetadata>>();
is<Assignable<Ours.Usage, Shared.Usage & Next.UsageDetails>>();
is<Assignable<Shared.Usage & Next.UsageDetails, Ours.Usage>>();
is<Same<Ours.Cost, Shared.Cost>>();
is<Assignable<Ours.LlmError, Shared.LlmError>>();
is<Assignable<Ours.ToolCall, Shared.ToolCall>>();
is<Assignable<Ours.ToolResult, Shared.ToolResult>>();
is<Assignable<Ours.Warning, Shared.Warning>>();
is<Assignable<Ours.Attempt, Shared.Attempt>>();
is<Assignable<Ours.Step, Shared.Step>>();
is<Assignable<Ours.CallMetrics, Shared.CallMetrics & Next.MetricsOfKind>>();
is<Assignable<Ours.Explanation, Shared.Explanation>>();
is<Assignable<Ours.ChatResult<1>, Shared.ChatResult<1>>>();
is<Assignable<Ours.EmbedResult, Shared.EmbedResult>>();
is<Assignable<Ours.EmbedManyResult, Shared.EmbedManyResult>>();
is<Same<Missing<Shared.ChatResult, Ours.ChatResult>, never>>();

type Event = { type: string };
/** Of each type of event that both have, ours can stand for the shared one. */
type Events<Own extends Event, Theirs extends Event> = {
  [T in Own["type"] & Theirs["type"]]: Assignable<Extract<Own, { type: T }>, Extract<Theirs, { type: T }>>;
}[Own["type"] & Theirs["type"]];
is<Same<Events<Ours.ChatEvent, Shared.ChatEvent>, true>>();
// `refusal` is ours: the words with which a model declines are no part of the text.
is<Same<Exclude<Ours.ChatEvent["type"], Shared.ChatEvent["type"]>, "refusal">>();
is<Same<Exclude<Shared.ChatEvent["type"], Ours.ChatEvent["type"]>, never>>();
is<Same<Missing<Shared.ChatStream, Ours.ChatStream>, never>>();
is<
  Assignable<Pick<Ours.ChatStream<1>, "result" | "textStream" | "cancel">, Pick<Shared.ChatStream<1>, "result" | "textStream" | "cancel">>
>();

// What callers write: ours takes whatever has the shared shape.
is<Assignable<Shared.Message, Ours.Message>>();
is<Assignable<Ours.Message, Shared.Message>>();
is<Assignable<Given<Shared.CallOptions<1>, Ours.CallOptions<1>, "tools" | "output" | "retry">, Ours.CallOptions<1>>>();
is<Same<Missing<Shared.CallOptions, Ours.CallOptions>, never>>();
is<Assignable<Pick<Next.SafetyOptions, "atStepLimit">, Ours.CallOptions>>();
is<Assignable<Given<Shared.ProfileSettings, Ours.ProfileSettings, "tools" | "output" | "retry">, Ours.ProfileSettings>>();
is<Same<Missing<Shared.ProfileSettings, Ours.ProfileSettings>, "allowOrigins">>();
is<Assignable<Shared.EmbedOptions, Ours.EmbedOptions>>();
is<Same<Missing<Shared.EmbedOptions, Ours.EmbedOptions>, never>>();
is<Assignable<Given<Shared.ContextOptions, Ours.ContextOptions, "profiles">, Ours.ContextOptions>>();
is<Same<Missing<Shared.ContextOptions, Ours.ContextOptions>, "tracing">>();

// What callers call.
is<Same<Missing<Shared.LLM, Ours.LLM>, never>>();
is<Assignable<Ours.LLM["embed"], Shared.LLM["embed"]>>();
is<Same<Missing<Shared.Context, Ours.Context>, never>>();
is<Assignable<Omit<Ours.ToolRun, "messages">, Omit<Shared.ToolRun, "messages">>>();
is<Assignable<Ours.Tool<1, 2>, Shared.Tool<1, 2>>>();
is<Assignable<Ours.ToolLike, Shared.ToolLike>>();
is<Assignable<Parameters<typeof Shared.runTools>[2], Parameters<typeof Ours.runTools>[2]>>();
is<Assignable<ReturnType<typeof Ours.runTools>, ReturnType<typeof Shared.runTools>>>();
