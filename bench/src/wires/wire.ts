/** One vendor's wire, as the benchmark's upstream speaks it and as its clients count what they read. */
export interface Wire {
  /** Where a bare reader posts to, below the base URL. */
  path: string;
  /** What ends an event. */
  gap: "\n\n" | "\r\n\r\n" | "\n";
  /** The frames of a stream of `count` text events, the last ones its end. */
  stream(count: number, word?: (index: number) => string): string[];
  whole(text: string): string;
  /** The characters of text in one parsed event or reply: the least that any client must look at. */
  text(event: unknown): number;
}

const WORDS = ["The ", "quick ", "brown ", "fox ", "jumps ", "over ", "the ", "lazy ", "dog. ", "Then "];

export const CREATED = 1_760_000_000;

/** What each text event says. */
export const wordAt = (index: number): string => WORDS[index % WORDS.length]!;
export const each = (count: number, frame: (index: number) => string): string[] =>
  Array.from({ length: count }, (_, index) => frame(index));
export const data = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;
export const named = (value: { type: string; [field: string]: unknown }): string =>
  `event: ${value.type}\ndata: ${JSON.stringify(value)}\n\n`;
/** Several vendors pad their events, so that their length tells nothing of the words in them. */
export const padding = (index: number): string => "abcdefghijklmnop".slice(0, 1 + ((index * 7) % 16));
