/** What a vendor handed us and wants back unchanged: signatures, item ids. Keyed by provider id. */
export type ProviderMetadata = Record<string, Record<string, unknown>>;

interface PartBase {
  providerMetadata?: ProviderMetadata;
}

/** `refusal` marks the words with which a model declines; they are not part of a result's `text`. */
export interface TextPart extends PartBase {
  type: "text";
  text: string;
  refusal?: true;
}

/** `redacted`: the vendor keeps the text to itself and sends only what it wants back, in `providerMetadata`. */
export interface ReasoningPart extends PartBase {
  type: "reasoning";
  text: string;
  redacted?: true;
}

/**
 * Exactly one of path, url, base64, data, blob. A path is read where the context's `media.allowPaths` allows it. `image` is a file whose media type is an image's. `url` is http(s), a `data:` URL, or
 * `file-id:` with the vendor's id of a file that was uploaded before. Without `mediaType`, the first bytes or the name tell.
 */
export interface FilePart extends PartBase {
  type: "image" | "file";
  path?: string;
  url?: string;
  base64?: string;
  data?: Uint8Array;
  /** Bytes as browsers and forms have them; not kept in what is stored. */
  blob?: Blob;
  mediaType?: string;
  filename?: string;
}

export interface ToolCallPart extends PartBase {
  type: "tool-call";
  toolCallId: string;
  toolName: string;
  input: unknown;
  providerExecuted?: true;
}

export interface ToolResultPart extends PartBase {
  type: "tool-result";
  toolCallId: string;
  toolName: string;
  output: unknown;
  isError?: true;
}

export interface SourcePart extends PartBase {
  type: "source";
  url?: string;
  title?: string;
  documentId?: string;
  text?: string;
}

export interface ApprovalPart {
  type: "approval";
  toolCallId: string;
  approved: boolean;
  reason?: string;
  token: string;
}

export type UserPart = TextPart | FilePart;
export type AssistantPart = TextPart | ReasoningPart | ToolCallPart | ToolResultPart | FilePart | SourcePart;

export interface AssistantMessage {
  role: "assistant";
  content: string | AssistantPart[];
  /** Who wrote it, so that a later call knows what of `providerMetadata` it may send back. */
  provider?: string;
  model?: string;
  /**
   * The host that answered, with its port, where it is not the provider's own: reasoning that
   * nobody signed goes back to that host alone.
   */
  host?: string;
  providerMetadata?: ProviderMetadata;
}

/** One turn of a conversation: plain JSON, safe to store (`Uint8Array` aside). */
export type Message =
  | { role: "system"; content: string | TextPart[] }
  | { role: "user"; content: string | UserPart[] }
  | AssistantMessage
  | { role: "tool"; content: (ToolResultPart | ApprovalPart)[] };

/** Why the model stopped. */
export type FinishReason = "stop" | "length" | "tool-calls" | "content-filter" | "error" | "other";
