import { once } from "node:events";
import { styleText } from "node:util";

/** How a text looks on a terminal that shows colours. */
export type Style = Parameters<typeof styleText>[0];

/** The one way to the terminal: the answer goes to stdout, everything else to stderr. */
export interface Output {
  /** A piece of the answer. Waits where its reader is slow. */
  answer(text: string, style?: Style): Promise<void>;
  /** Ends the answer with a line break, unless it has one. */
  endAnswer(): void;
  /** A line beside the answer. */
  note(text: string, style?: Style): void;
  /** A piece of a text beside the answer, reasoning for example. */
  aside(text: string, style?: Style): void;
  /** Ends such a piece with a line break, unless it has one. */
  endAside(): void;
  /** A line that --quiet does not silence. */
  error(text: string, style?: Style): void;
}

/** Nothing but errors appears beside the answer when `quiet`. */
export function createOutput({ quiet = false }: { quiet?: boolean } = {}): Output {
  const { stdout, stderr } = process;
  /** Both end up on one screen, where each must mind a line that the other has begun. */
  const shared = stdout.isTTY && stderr.isTTY;
  let answerOpen = false;
  let asideOpen = false;

  // Whoever reads the answer may have read enough (`| head -1`).
  stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));

  function beside(text: string, style: Style | undefined): void {
    if (shared && answerOpen) {
      stderr.write("\n");
      answerOpen = false;
    }
    const shown = clean(text, stderr);
    stderr.write(style === undefined ? shown : styleText(style, shown, { stream: stderr }));
    asideOpen = !text.endsWith("\n");
  }

  function endAside(): void {
    if (asideOpen) stderr.write("\n");
    asideOpen = false;
  }

  function line(text: string, style: Style | undefined): void {
    endAside();
    beside(text, style);
    stderr.write("\n");
    asideOpen = false;
  }

  return {
    async answer(text, style) {
      if (text === "") return;
      if (shared) endAside();
      answerOpen = !text.endsWith("\n");
      const cleaned = clean(text, stdout);
      const shown = style === undefined ? cleaned : styleText(style, cleaned, { stream: stdout });
      if (!stdout.write(shown)) await once(stdout, "drain");
    },
    endAnswer() {
      if (answerOpen) stdout.write("\n");
      answerOpen = false;
    },
    note: (text, style) => quiet || line(text, style),
    aside: (text, style) => quiet || text === "" || beside(text, style),
    endAside,
    error: (text, style = "red") => line(text, style),
  };
}

/** What a model says must not steer a terminal: control characters other than line break and tab stay away from it. */
function clean(text: string, stream: NodeJS.WriteStream): string {
  return stream.isTTY ? text.replaceAll(/[^\P{Cc}\n\t]/gu, "") : text;
}
