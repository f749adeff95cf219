import { isLlmError, type LLM, type Message } from "plurivox";
import { ask, type AskOptions } from "./ask.ts";
import { openPrompts, type Prompts } from "./input.ts";
import type { Output } from "./output.ts";

/** Whom a conversation is with. */
export interface Partner {
  llm: LLM;
  /** What `/model` changes to. */
  change(model: string): LLM;
}

/** A conversation under way. */
interface Session extends Partner {
  history: Message[];
  options: AskOptions;
  out: Output;
}

const HELP = `/model [provider/model]  show the model, or talk to another one from here on
/reset                   forget the conversation
/exit                    leave (as Ctrl-D, or Ctrl-C at an empty prompt)
Ctrl-C                   stop the answer and keep what there is of it`;

/** Takes prompts until the input ends or somebody leaves; every answer becomes part of the conversation. `first` is asked before that. */
export async function converse(partner: Partner, options: AskOptions, out: Output, first?: string): Promise<void> {
  const session: Session = { ...partner, history: [], options, out };
  out.note("/help shows the commands, Ctrl-C stops an answer, Ctrl-D leaves.", "dim");
  const prompts = openPrompts("› ");
  try {
    if (first !== undefined) await turn(session, first);
    await takePrompts(session, prompts);
  } finally {
    prompts.close();
  }
}

async function takePrompts(session: Session, prompts: Prompts): Promise<void> {
  for (;;) {
    const prompt = (await prompts.next())?.trim();
    if (prompt === undefined || prompt === "/exit") return;
    if (/^\/[a-z]+$|^\/model /.test(prompt)) command(session, prompt);
    else if (prompt !== "") await turn(session, prompt);
  }
}

/** One question and its answer. A failed question is forgotten, so that it can be asked again; of a stopped answer the beginning stays. */
async function turn(session: Session, prompt: string): Promise<void> {
  const { llm, history, options, out } = session;
  const messages: Message[] = [...history, { role: "user", content: prompt }];
  const { result, error } = await ask(llm, messages, options, out);
  if (error === undefined) session.history = [...messages, ...result.messages];
  else if (error.kind === "aborted" && error.partial?.text) {
    session.history = [...messages, { role: "assistant", content: error.partial.text }];
  }
}

function command(session: Session, line: string): void {
  const { out } = session;
  const [name, model] = line.split(/\s+/);
  if (name === "/help") out.note(HELP);
  else if (name === "/reset") {
    session.history = [];
    out.note("The conversation is forgotten.", "dim");
  } else if (name === "/model") changeModel(session, model);
  else out.note(`There is no command ${name}; /help shows those that there are.`, "yellow");
}

function changeModel(session: Session, model: string | undefined): void {
  try {
    if (model !== undefined) session.llm = session.change(model);
    session.out.note(session.llm.label, "dim");
  } catch (error) {
    if (!isLlmError(error)) throw error;
    session.out.error(error.message);
  }
}
