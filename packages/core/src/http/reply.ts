/** A response as this house reads it: pulled, piece by piece. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  /** The next piece of the body, undefined at its end. */
  read(): Promise<Uint8Array | undefined>;
  /** A piece that is here already, where that is known without waiting. */
  ready(): Uint8Array | undefined;
  /** Gives up the rest, which closes the socket. Nothing happens where the body has ended. */
  cancel(): void;
}

/** The reply in a Response, whose body is taken. */
export function fromResponse(response: Response): Reply {
  const reader = response.body?.getReader();
  return {
    status: response.status,
    headers: response.headers,
    async read() {
      return (await reader?.read())?.value;
    },
    ready: () => undefined,
    cancel() {
      reader?.cancel().catch(() => {});
    },
  };
}

/** A body as text; what goes on after so many characters is left unread. */
export async function readText(read: Reply["read"], maxCharacters: number = Number.POSITIVE_INFINITY): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for (let bytes = await read(); bytes !== undefined; bytes = await read()) {
    text += decoder.decode(bytes, { stream: true });
    if (text.length > maxCharacters) return text.slice(0, maxCharacters);
  }
  return text + decoder.decode();
}
