import { LlmError } from "../error.ts";
import { keepShape } from "../http/shape.ts";
import type { ChatEvent } from "../model/chat.ts";
import { toWanted } from "../output/schema.ts";
import { Assembler } from "../stream/assembler.ts";
import type { Batches } from "../stream/handover.ts";
import { partialJson } from "../stream/partial-json.ts";
import type { Attempt } from "./attempt.ts";
import type { ChatPlan } from "./plan.ts";
import { EXAMPLE, type Reading } from "./reading.ts";
import { finishReasonOf } from "./result.ts";
import type { Run } from "./running.ts";

/** The events of an open attempt, one batch a network chunk. `begun.visible` is set once anything of an answer has been handed out. */
export function batchesOf(run: Run, plan: ChatPlan, attempt: Attempt, begun: { visible: boolean }): Batches {
  const { record } = run;
  const grow = objectGrower(run, plan);
  return new AttemptBatches(attempt.reading, attempt.assembler, opening(run, plan, attempt), {
    onDelta: plan.target.options.onDelta,
    begin() {
      begun.visible = true;
      record.ttftMs ??= performance.now() - record.started;
    },
    give(out, known) {
      run.started = true;
      grow?.(out, known);
    },
    // Where the answer is not complete, its end is an error: what came last is delivered before it.
    mayEnd: () => attempt.failure === undefined,
    end(out) {
      attempt.end(out);
      const { usage } = attempt.assembler;
      if (Object.keys(usage).length > 0) out.push({ type: "usage", usage });
      out.push({ type: "step", step: record.answers.length + 1, finishReason: finishReasonOf(attempt.assembler), usage });
    },
  });
}

/** What happens beside the reading. */
interface Hooks {
  onDelta: ((text: string) => void | Promise<void>) | undefined;
  /** The first of an answer has come. */
  begin(): void;
  /** These are about to be handed over; so many of them do not come from the answer. */
  give(out: ChatEvent[], known: number): void;
  mayEnd(): boolean;
  /** Adds what comes at the end. Throws where the answer is not complete. */
  end(out: ChatEvent[]): void;
}

class AttemptBatches implements Batches {
  readonly #reading: Reading;
  readonly #assembler: Assembler;
  readonly #hooks: Hooks;
  /** What is to be handed over next. An opening waits for what it opens, so that an attempt that fails before that leaves no trace. */
  #out: ChatEvent[];
  /** How much of that is opening. */
  #known: number;
  #begun = false;
  #more = true;
  #over = false;

  constructor(reading: Reading, assembler: Assembler, opens: ChatEvent[], hooks: Hooks) {
    this.#reading = reading;
    this.#assembler = assembler;
    this.#hooks = hooks;
    this.#out = opens;
    this.#known = opens.length;
  }

  next(): Promise<ChatEvent[] | undefined> {
    if (this.#over) return Promise.resolve(undefined);
    return this.#more ? this.#reading.more().then(this.#take) : this.#end(this.#out);
  }

  readonly #take = (more: boolean): ChatEvent[] | Promise<ChatEvent[]> => (this.#brings(more) ? this.#give() : this.#wait());

  async #wait(): Promise<ChatEvent[]> {
    while (!this.#brings(await this.#reading.more()));
    return this.#give();
  }

  /** Whether there is something to hand over now. */
  #brings(more: boolean): boolean {
    this.#more = this.#reading.take(more, this.#out);
    if (!this.#begun && this.#assembler.begun) this.#begin();
    return !this.#more || this.#out.length > this.#known;
  }

  #begin(): void {
    this.#begun = true;
    this.#hooks.begin();
  }

  #give(): ChatEvent[] | Promise<ChatEvent[]> {
    const out = this.#out;
    const { onDelta } = this.#hooks;
    this.#hooks.give(out, this.#known);
    this.#out = [];
    this.#known = 0;
    if (!this.#more && (this.#hooks.mayEnd() || out.length === 0)) return this.#end(out);
    return onDelta === undefined ? out : tell(onDelta, out);
  }

  async #end(out: ChatEvent[]): Promise<ChatEvent[]> {
    const { onDelta } = this.#hooks;
    this.#hooks.end(out);
    this.#over = true;
    return onDelta === undefined ? out : tell(onDelta, out);
  }
}

const NO_HOOKS: Hooks = { onDelta: undefined, begin() {}, give() {}, mayEnd: () => true, end() {} };
keepShape(
  new AttemptBatches(
    EXAMPLE,
    new Assembler({ provider: "", model: "", many: false, hideReasoning: false, fitId: (id) => id, toInput: (_, input) => input }),
    [],
    NO_HOOKS,
  ),
);

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
