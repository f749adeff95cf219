import {
  anthropicMessages,
  cohereChat,
  googleGenerateContent,
  groqChat,
  mistralChat,
  ollamaChat,
  openaiChat,
  openaiResponses,
  openrouterChat,
  type Wire,
} from "@plurivox/conformance";
import type { Provider } from "@plurivox/core/provider";
import {
  anthropic,
  azure,
  cohere,
  google,
  groq,
  lmstudio,
  mistral,
  nvidiaNim,
  ollama,
  openai,
  openaiCompatible,
  openrouter,
  type ProfileSettings,
} from "plurivox";

/** A provider on one of its wires. */
export interface Place {
  /** "openai (chat)": the provider, and which of its wires where it has a choice. */
  name: string;
  provider: Provider;
  api?: NonNullable<ProfileSettings["api"]>;
  wire: Wire;
  /** Takes tools and instructions, and reasons where the wire can show it. */
  model: string;
}

/** How long an id may be is a rule of OpenAI's own. */
const anyId: Wire = { ...openaiChat, toolCallId: /^.+$/s };

/** Every provider, and both wires of OpenAI and Azure. */
export const PLACES: readonly Place[] = [
  { name: "openai (responses)", provider: openai(), wire: openaiResponses, model: "gpt-6-luna" },
  { name: "openai (chat)", provider: openai(), api: "chat", wire: openaiChat, model: "gpt-5.4" },
  { name: "openai-compatible", provider: openaiCompatible(), wire: anyId, model: "some-model" },
  { name: "azure (responses)", provider: azure(), wire: openaiResponses, model: "my-deployment" },
  { name: "azure (chat)", provider: azure(), api: "chat", wire: openaiChat, model: "my-deployment" },
  { name: "anthropic", provider: anthropic(), wire: anthropicMessages, model: "claude-sonnet-4-6" },
  { name: "google", provider: google(), wire: googleGenerateContent, model: "gemini-3.8-flash" },
  { name: "mistral", provider: mistral(), wire: mistralChat, model: "mistral-medium-3-5" },
  { name: "cohere", provider: cohere(), wire: cohereChat, model: "command-a-plus-05-2026" },
  { name: "groq", provider: groq(), wire: groqChat, model: "qwen/qwen3.8-27b" },
  { name: "ollama", provider: ollama(), wire: ollamaChat, model: "gemma4" },
  { name: "openrouter", provider: openrouter(), wire: openrouterChat, model: "deepseek/deepseek-v4" },
  { name: "lmstudio", provider: lmstudio(), wire: anyId, model: "openai/gpt-oss-20b" },
  { name: "nvidia-nim", provider: nvidiaNim({ streamUsage: true }), wire: anyId, model: "qwen/qwen3.5-397b-a17b" },
];

export function placeOf(name: string): Place {
  const place = PLACES.find((one) => one.name === name);
  if (place === undefined) throw new Error(`There is no place "${name}".`);
  return place;
}
