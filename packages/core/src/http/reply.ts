/** A response as this house reads it: pulled, as much at a time as has come. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  /** Whether there is more of the body, as soon as that is known. */
  more(): Promise<boolean>;
  /** All that has come of it, after `more`. */
  take(): Uint8Array;
  /** Gives up the rest, which closes the socket. Nothing happens where the body has ended. */
  cancel(): void;
}

const NOTHING = new Uint8Array();

/** The reply in a Response, whose body is taken. */
export function fromResponse(response: Response): Reply {
  const reader = response.body?.getReader();
  let piece: Uint8Array | undefined;
  return {
    status: response.status,
    headers: response.headers,
    async more() {
      piece = (await reader?.read())?.value;
      return piece !== undefined;
    },
    take: () => piece ?? NOTHING,
    cancel() {
      reader?.cancel().catch(() => {});
    },
  };
}

/** A body as text; what goes on after so many characters is left unread. */
export async function readText(reply: Pick<Reply, "more" | "take">, maxCharacters: number = Number.POSITIVE_INFINITY): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  while (await reply.more()) {
    text += decoder.decode(reply.take(), { stream: true });
    if (text.length > maxCharacters) return text.slice(0, maxCharacters);
  }
  return text + decoder.decode();
}
