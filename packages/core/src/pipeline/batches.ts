import { LlmError } from "../error.ts";
import type { ChatEvent } from "../model/chat.ts";
import { toWanted } from "../output/schema.ts";
import type { Pull } from "../stream/handover.ts";
import { partialJson } from "../stream/partial-json.ts";
import type { Attempt } from "./attempt.ts";
import type { ChatPlan } from "./plan.ts";
import { finishReasonOf } from "./result.ts";
import type { Run } from "./step.ts";

/** The events of an open attempt, one batch a network chunk. `begun.visible` is set once anything of an answer has been handed out. */
export function batchesOf(run: Run, plan: ChatPlan, attempt: Attempt, begun: { visible: boolean }): Pull {
  const batches = new Batches(run, plan, attempt, begun);
  return () => batches.next();
}

class Batches {
  readonly #run: Run;
  readonly #attempt: Attempt;
  readonly #begun: { visible: boolean };
  readonly #onDelta: ((text: string) => void | Promise<void>) | undefined;
  readonly #grow: ((out: ChatEvent[], from: number) => void) | undefined;
  /** What is to be handed over next. An opening waits for what it opens, so that an attempt that fails before that leaves no trace. */
  #out: ChatEvent[];
  /** How much of that is opening. */
  #known: number;
  #more = true;
  #over = false;

  constructor(run: Run, plan: ChatPlan, attempt: Attempt, begun: { visible: boolean }) {
    this.#run = run;
    this.#attempt = attempt;
    this.#begun = begun;
    this.#onDelta = plan.target.options.onDelta;
    this.#grow = objectGrower(run, plan);
    this.#out = opening(run, plan, attempt);
    this.#known = this.#out.length;
  }

  next(): Promise<ChatEvent[] | undefined> {
    if (this.#over) return Promise.resolve(undefined);
    return this.#more ? this.#attempt.read().then(this.#take) : this.#end(this.#out);
  }

  readonly #take = (bytes: Uint8Array | undefined): ChatEvent[] | Promise<ChatEvent[]> =>
    this.#brings(bytes) ? this.#give() : this.#wait();

  async #wait(): Promise<ChatEvent[]> {
    while (!this.#brings(await this.#attempt.read()));
    return this.#give();
  }

  /** Whether there is something to hand over after this piece. */
  #brings(bytes: Uint8Array | undefined): boolean {
    this.#more = this.#attempt.take(bytes, this.#out);
    if (this.#attempt.assembler.begun) this.#noteBegin();
    return !this.#more || this.#out.length > this.#known;
  }

  #give(): ChatEvent[] | Promise<ChatEvent[]> {
    const out = this.#out;
    const known = this.#known;
    this.#out = [];
    this.#known = 0;
    this.#run.started = true;
    this.#grow?.(out, known);
    // Where the answer is not complete, its end is an error: what came last is delivered before it.
    if (!this.#more && (this.#attempt.complete || out.length === 0)) return this.#end(out);
    return this.#onDelta === undefined ? out : tell(this.#onDelta, out);
  }

  #noteBegin(): void {
    const { record } = this.#run;
    this.#begun.visible = true;
    record.ttftMs ??= performance.now() - record.started;
  }

  async #end(out: ChatEvent[]): Promise<ChatEvent[]> {
    this.#attempt.end(out);
    this.#over = true;
    const { assembler } = this.#attempt;
    if (Object.keys(assembler.usage).length > 0) out.push({ type: "usage", usage: assembler.usage });
    const step = this.#run.record.answers.length + 1;
    out.push({ type: "step", step, finishReason: finishReasonOf(assembler), usage: assembler.usage });
    return this.#onDelta === undefined ? out : tell(this.#onDelta, out);
  }
}

function opening({ started, warnings }: Run, { target, warnings: own }: ChatPlan, { requestId }: Attempt): ChatEvent[] {
  if (started) return own.map((warning) => ({ type: "warning", warning }));
  const start: ChatEvent = {
    type: "start",
    provider: target.provider.id,
    model: target.model,
    ...(requestId !== undefined && { requestId }),
  };
  return [start, ...[...warnings, ...own].map((warning): ChatEvent => ({ type: "warning", warning }))];
}

/** Tells after each batch what the answer has grown to, where it is to be data. */
function objectGrower({ stream }: Run, { target }: ChatPlan): ((out: ChatEvent[], from: number) => void) | undefined {
  const { output } = target.options;
  if (output === undefined || !stream) return undefined;
  const { wrapped } = toWanted(output);
  const json = partialJson();
  return (out, from) => {
    let grown = false;
    for (const event of out.slice(from)) if (event.type === "text" && !event.choice && json.push(event.text)) grown = true;
    const object = wrapped ? (json.value as { value?: unknown } | undefined)?.value : json.value;
    if (grown && object !== undefined) out.push({ type: "object", object });
  };
}

/** Tells the caller the text among the events, one after the other. */
async function tell(onDelta: (text: string) => void | Promise<void>, events: ChatEvent[]): Promise<ChatEvent[]> {
  for (const event of events) {
    if (event.type !== "text" || event.choice) continue;
    try {
      await onDelta(event.text);
    } catch (cause) {
      throw new LlmError("aborted", "onDelta threw, so the call was aborted.", { cause });
    }
  }
  return events;
}
