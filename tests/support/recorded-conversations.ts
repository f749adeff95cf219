import { answerOf, formOf, type Call, type Form, type RecordedAnswer } from "./recorded-answers.ts";
import { readRequest, type Item, type RequestRead } from "./recorded-requests.ts";
import type { Recording } from "./recordings.ts";

/** A recorded exchange, read. */
export interface Turn {
  recording: Recording;
  form: Form;
  asked: RequestRead;
  answer: RecordedAnswer;
}

export type Result = Extract<Item, { kind: "result" }>;

export interface Conversations {
  /** Runs of turns of which each goes on from the results of the calls before it. */
  runs: Turn[][];
  /** Ids of the recordings whose request tells results and does not go on from a turn at hand, by the reason. Some begin a run of their own. */
  left: Record<string, string[]>;
}

export const callsOf = (items: readonly Item[]): Call[] => items.filter((item) => item.kind === "call");
export const resultsOf = (items: readonly Item[]): Result[] => items.filter((item) => item.kind === "result");
const saidByUser = (items: readonly Item[]) => items.filter((item) => item.kind === "said" && item.role === "user").length;

/** Ids where both have them; where one has none, the name. Recorders write arguments anew, so those are compared as data. */
function isSame(one: Call, other: Call): boolean {
  const ids = one.id === undefined || other.id === undefined || one.id === other.id;
  return ids && one.name === other.name && JSON.stringify(sorted(one.input)) === JSON.stringify(sorted(other.input));
}

function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Whether `later` asks for nothing but what `earlier` asked for, its answer, and the results of the calls in that. */
function goesOn(earlier: Turn, later: Turn): boolean {
  const before = earlier.asked.items;
  const known = [...callsOf(before), ...earlier.answer.calls];
  const calls = callsOf(later.asked.items);
  return (
    calls.length === known.length &&
    calls.every((call, at) => isSame(call, known[at]!)) &&
    resultsOf(later.asked.items).length === resultsOf(before).length + earlier.answer.calls.length &&
    saidByUser(later.asked.items) === saidByUser(before)
  );
}

/** Whether `later` tells a result of `earlier`'s calls, whatever else it says. */
function answers(earlier: Turn, later: Turn): boolean {
  const calls = callsOf(later.asked.items);
  const ids = resultsOf(later.asked.items).map(({ id }) => id);
  return earlier.answer.calls.some(
    (call) => calls.some((other) => isSame(call, other)) || (call.id !== undefined && ids.includes(call.id)),
  );
}

/** The results that a request tells last: nothing was said or called after them. */
function lastResults({ asked: { items } }: Turn): Result[] {
  return resultsOf(items.slice(items.findLastIndex((item) => item.kind !== "result") + 1));
}

/** Ids that the client made up for calls to which the vendor gave none. */
function withoutIds(turn: Turn): Turn {
  const items = turn.asked.items.map((item) => {
    if (item.kind === "said") return item;
    const { id: _, ...rest } = item;
    return rest;
  });
  return { ...turn, asked: { ...turn.asked, items } };
}

export function findConversations(recordings: readonly Recording[]): Conversations {
  const cassettes = Map.groupBy(recordings, ({ provider, source }) => `${provider} ${source.repo} ${source.path}`);
  const runs: Turn[][] = [];
  const left: Record<string, string[]> = {};
  for (const cassette of cassettes.values()) {
    const turns = cassette
      .filter(
        ({ response, request }) =>
          response.status === 200 &&
          request.body !== null &&
          /(\/messages|\/(v2|api)\/chat|\/completions|\/responses|enerateContent)$/.test(new URL(request.url).pathname),
      )
      .toSorted((a, b) => a.source.interaction - b.source.interaction)
      .map((recording): Turn => {
        const form = formOf(recording);
        return { recording, form, asked: readRequest(recording.request.body, form), answer: answerOf(recording) };
      });
    const mine: Turn[][] = [];
    for (const [at, turn] of turns.entries()) {
      const results = lastResults(turn);
      const run = mine.find(
        (one) =>
          one.at(-1)!.answer.calls.length > 0 && one.at(-1)!.recording.streaming === turn.recording.streaming && goesOn(one.at(-1)!, turn),
      );
      if (run !== undefined) run.push(run.at(-1)!.answer.calls.some(({ id }) => id !== undefined) ? turn : withoutIds(turn));
      else {
        mine.push([turn]);
        const isKnown = turns.slice(0, at).some((earlier) => answers(earlier, turn));
        if (resultsOf(turn.asked.items).length === 0) continue;
        const lost = results.length === 0 ? "a new question follows the results" : "the turn before is not at hand";
        const reason = isKnown ? "more was said between" : lost;
        (left[reason] ??= []).push(turn.recording.id);
      }
    }
    runs.push(...mine.filter((run) => run.length > 1));
  }
  return { runs, left };
}
