import type { Warning } from "../model/chat.ts";
import type { HistoryRules } from "../provider/history-rules.ts";

/** What can be mended in a history, with the code and the words of its warning. */
const MENDS = {
  foreignReasoning: { code: "reasoning-left-out", what: "Reasoning of another provider left out" },
  reasoning: { code: "reasoning-left-out", what: "Reasoning that cannot go back left out" },
  signatures: { code: "signatures-left-out", what: "Parts whose signature of another provider is left out" },
  vendorTools: { code: "vendor-tools-left-out", what: "Parts of tools that another provider ran left out" },
  files: { code: "files-left-out", what: "Files that a model made left out" },
  messages: { code: "messages-left-out", what: "Messages with nothing to send left out" },
  open: { code: "tool-results-added", what: "Tool calls without a result, which are sent as interrupted" },
  strays: { code: "tool-results-left-out", what: "Tool results without a call of their own left out" },
  moved: { code: "tool-results-moved", what: "Tool results moved behind their calls" },
  ids: { code: "tool-ids-changed", what: "Tool call ids rewritten" },
  names: { code: "tool-names-changed", what: "Names of called tools rewritten" },
  inputs: { code: "tool-inputs-changed", what: "Inputs of tool calls made objects" },
} as const;

export type Mend = keyof typeof MENDS;

/** What was mended in one history, counted. */
export class Mends {
  readonly #counts = new Map<Mend, number>();

  add(mend: Mend, count = 1): void {
    if (count > 0) this.#counts.set(mend, (this.#counts.get(mend) ?? 0) + count);
  }

  warnings(provider: string): Warning[] {
    return (Object.keys(MENDS) as Mend[]).flatMap((mend): Warning[] => {
      const count = this.#counts.get(mend);
      const { code, what } = MENDS[mend];
      return count === undefined ? [] : [{ code, provider, message: `${what} for ${provider}: ${count}.` }];
    });
  }
}

/** The provider that reads a history, by its rules; the mends are noted as they are made. */
export interface Reader {
  provider: string;
  rules: HistoryRules;
  /** The host that is asked, where it is not the provider's own. */
  host: string | undefined;
  /**
   * The vendor holds the beginning of the history, so that results at its start may have their
   * calls there.
   */
  held: boolean;
  mends: Mends;
}
