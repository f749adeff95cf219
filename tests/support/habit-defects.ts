import { changed, streamed, withChat, type Decoder, type Defect } from "./breaking.ts";

interface Chunk {
  choices?: { delta?: { tool_calls?: Call[] | null } | null }[] | null;
}
interface Call {
  index?: number;
  id?: string;
  function?: { name?: string; arguments?: unknown };
}

/** Mistakes that only show where a vendor's servers have their own habits; the wire is OpenAI's chat completions. */
export const HABIT_DEFECTS: readonly Defect[] = [
  {
    what: "begins another call wherever a name comes",
    breaks: (sound) =>
      streamed(sound, () => {
        const names = new Map<unknown, number>();
        return (delta) => {
          if (delta.type !== "tool-call") return [delta];
          if (delta.toolName !== undefined) names.set(delta.part, (names.get(delta.part) ?? 0) + 1);
          return [{ ...delta, part: `${delta.part} ${names.get(delta.part)}` }];
        };
      }),
    fails: ["habits", "tool-calls-interleaved"],
  },
  {
    what: "tells parallel calls apart by their index alone",
    breaks: (sound) =>
      withChat(sound, ({ fromStream }) => ({
        fromStream(): Decoder {
          const decoder = fromStream();
          const seen = new Set<number>();
          return changed(decoder, {
            event(chunk: Chunk, name) {
              for (const call of chunk.choices?.[0]?.delta?.tool_calls ?? []) {
                const { index = 0 } = call;
                if (seen.has(index)) Object.assign(call, { id: undefined, function: { arguments: call.function?.arguments } });
                seen.add(index);
              }
              return decoder.event(chunk, name);
            },
          });
        },
      })),
    fails: ["habits"],
  },
];
