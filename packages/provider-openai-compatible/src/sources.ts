import type { ChatDelta, SourcePart } from "@plurivox/core/provider";

/** What a host found in the web, or in the files that it was given, which have no address. */
export interface Found {
  url?: string;
  title?: string;
  snippet?: string;
  content?: string;
}

export function source(known: Omit<SourcePart, "type">): ChatDelta {
  const part = Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined && value !== null));
  return { type: "source", source: { type: "source", ...part } };
}

/** Reads sources that come again with each chunk; each is told once. */
export class SourceReader {
  readonly #told = new Set<string>();

  read(found: readonly (Found | string | null)[], out: ChatDelta[]): void {
    for (const one of found) {
      const { url, title, snippet, content } = typeof one === "string" ? { url: one } : (one ?? ({} as Found));
      const name = url || title;
      if (!name || this.#told.has(name)) continue;
      this.#told.add(name);
      out.push(source({ ...(url ? { url } : { documentId: name }), title, text: snippet || content || undefined }));
    }
  }
}
