import { withEmbed, type Defect } from "./breaking.ts";

/** Mistakes in embeddings. */
export const EMBED_DEFECTS: readonly Defect[] = [
  {
    what: "takes vectors as they come",
    breaks: (sound) =>
      withEmbed(sound, ({ fromResponse }) => ({
        fromResponse(reply) {
          const answer = fromResponse(reply);
          return { ...answer, vectors: answer.vectors.map(({ values }) => ({ values })) };
        },
      })),
    fails: ["embed-order"],
  },
  {
    what: "loses the last text of a full batch",
    breaks: (sound) =>
      withEmbed(sound, ({ toRequest }) => ({ toRequest: (call) => toRequest({ ...call, inputs: call.inputs.slice(0, 2047) }) })),
    fails: ["embed-batches"],
  },
  {
    what: "counts usage that was not told as none",
    breaks: (sound) =>
      withEmbed(sound, ({ fromResponse }) => ({
        fromResponse(reply) {
          const answer = fromResponse(reply);
          return { ...answer, usage: { inputTokens: 0, totalTokens: 0, ...answer.usage } };
        },
      })),
    fails: ["embed-usage"],
  },
  {
    what: "does not say who the user is",
    breaks: (sound) =>
      withEmbed(sound, ({ toRequest }) => ({
        toRequest(call) {
          const { user: _, ...rest } = call;
          return toRequest(rest);
        },
      })),
    fails: ["embed-options"],
  },
];
