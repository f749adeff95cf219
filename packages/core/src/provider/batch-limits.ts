import type { ErrorKind, LlmError } from "../error.ts";
import { beginningAndEnd } from "./overflow.ts";

/**
 * The words in which servers refuse a request for embeddings because it holds too many texts.
 * Limits are an operator's setting on servers of one's own, and models differ, so no table can know
 * them all. Read from the documentation and the source of the servers named (2026-11).
 */
const TOO_MANY: readonly RegExp[] = [
  // Text Embeddings Inference ("batch size 64 > maximum allowed batch size 32"), SiliconFlow, NIM,
  // DashScope ("batch size is invalid, it should not be larger than 10"), Voyage, Infinity.
  /(?<!physical )\bbatch[ _]?size\b.{0,80}(?:>|\b(?:max\w*|limit|larger|greater|exceed\w*|at most|invalid|more than)\b)/is,
  /\bmax(?:imum)?[ _](?:allowed[ _])?(?:client[ _])?batch[ _]size\b/i,
  // Azure ("Too many inputs. The max number of inputs is 16"), Mistral, FastAPI ("List should have
  // at most 32 items after validation, not 64").
  /\b(?:too many|at most|up to|no more than|max(?:imum)?(?: allowed)?(?: number)?(?: of)?) (?:\d+ )?(?:input )?(?:inputs|texts|items|instances|documents|sentences|elements|strings|entries)\b/i,
  // Cohere: "total number of texts must be at most 96 - received 100".
  /\bnumber of (?:input )?(?:inputs|texts|items|instances|documents|sentences|strings)\b.{0,60}\b(?:at most|max\w*|exceed\w*|less|more|limit|larger|greater)\b/is,
  // OpenAI: "'input' array too long. Expected an array with maximum length 2048".
  /\barray too long\b/i,
  /\b(?:array|list)(?:'s)? (?:length|size)\b.{0,60}(?:<=|≤|\b(?:at most|no more|exceed\w*|larger|greater|max\w*|must)\b)/is,
  // The Gemini API, and Vertex AI: "250 instance(s) is allowed per prediction. Actual: 251".
  /\bat most \d+ requests can be in one batch\b/i,
  /\binstance(?:\(s\)|s)? (?:is|are) allowed per prediction\b/i,
  // Zhipu.
  /数组最大|最多.{0,10}条/,
];

/** The words for too many tokens in all texts together: OpenAI, Voyage, Mistral, Vertex AI. */
const TOO_MUCH: readonly RegExp[] = [
  /\btokens (?:per |in (?:the |a |your )?)(?:submitted )?(?:batch|request)\b|max_tokens_per_request/i,
  /\bsplit\b.{0,30}\bbatches\b|\b(?:reduce|lower|decrease) the (?:batch size|number of \w+ in the batch)\b/is,
  /\binput token count is \d+ but (?:the )?model (?:only )?supports (?:only )?up to\b/i,
];

const POSSIBLE: ReadonlySet<ErrorKind> = new Set(["invalid-request", "context-length", "server", "invalid-response"]);
/** How many characters away from the words the number is searched. */
const NEAR = 80;

/** Whether a server refused a request because it held more texts than the server takes at once. */
export function tooManyInputs(error: LlmError): boolean {
  return POSSIBLE.has(error.kind) && TOO_MANY.some((words) => words.test(saidIn(error)));
}

/**
 * How many of `count` texts, more than one, to send at once after this error: the number that it
 * names, or half. Undefined where fewer would not help.
 */
export function fewerInputs(error: LlmError, count: number): number | undefined {
  if (count < 2 || !POSSIBLE.has(error.kind)) return undefined;
  const said = saidIn(error);
  const half = Math.ceil(count / 2);
  for (const words of TOO_MANY) {
    const found = words.exec(said);
    if (found !== null)
      return numberBelow(count, said.slice(Math.max(0, found.index - NEAR), found.index + found[0].length + NEAR)) ?? half;
  }
  const tooLarge = error.status === 413 && error.kind !== "context-length";
  return tooLarge || TOO_MUCH.some((words) => words.test(said)) ? half : undefined;
}

/** The largest whole number of a text that is less than `count`. */
function numberBelow(count: number, text: string): number | undefined {
  const numbers = [...text.matchAll(/(?<![\w.])\d{1,7}(?![\w]|\.\d)/g)].map(([digits]) => Number(digits));
  const fitting = numbers.filter((number) => number >= 1 && number < count);
  return fitting.length === 0 ? undefined : Math.max(...fitting);
}

/** Removes the hint that core added. */
function saidIn({ message, hint = "" }: LlmError): string {
  return beginningAndEnd(message.endsWith(hint) ? message.slice(0, message.length - hint.length) : message);
}
