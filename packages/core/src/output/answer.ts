import type { Wanted } from "./schema.ts";
import { withoutWidening } from "./widening.ts";

/** How many stretches of a text are tried to be read as JSON. */
const MOST_TRIES = 100;

/**
 * What an answer may mean as data, the likeliest first, in the form of the schema: out of its
 * wrapping, without nulls that only strict schemas brought in. `texts`: the inputs of each call of
 * the tool through which the model answers, or its one text. Empty where there is no JSON.
 */
export function readAnswers(texts: readonly string[], { jsonSchema, wrapped }: Wanted): unknown[] {
  return texts.flatMap(toValues).map((parsed) => {
    const value = jsonSchema === undefined ? parsed : withoutWidening(parsed, jsonSchema);
    // A model that was only asked in words may leave the wrapping off.
    return wrapped && typeof value === "object" && value !== null && Object.hasOwn(value, "value")
      ? (value as { value: unknown }).value
      : value;
  });
}

/**
 * A model that was only asked in words likes to say something round its JSON, to correct itself, or
 * to put it into a fence or one more brace.
 */
function toValues(text: string): unknown[] {
  const whole = parse(text);
  if (whole !== undefined) return [whole.value];
  const found: unknown[] = [];
  let before = text.length;
  let tries = 0;
  for (const [start, end] of stretches(text)) {
    if (end > before || ++tries > MOST_TRIES) continue;
    const value = parse(text.slice(start, end));
    if (value === undefined) continue;
    found.push(value.value);
    before = start;
  }
  return found;
}

/**
 * From where to where brackets belong together, the last first, and the outer before what is in it.
 */
function stretches(text: string): [start: number, end: number][] {
  const found: [number, number][] = [];
  let open: number[] = [];
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (inString) {
      if (character === "\\") at++;
      else if (character === '"') inString = false;
      // No string of JSON goes over a line's end, so this was none.
      else if (character === "\n") [inString, open] = [false, []];
    } else if (character === '"') inString = open.length > 0;
    else if (character === "{" || character === "[") open.push(at);
    else if ((character === "}" || character === "]") && open.length > 0) found.push([open.pop()!, at + 1]);
  }
  return found.toReversed();
}

function parse(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}
