export { startLoopback, writePieces } from "./loopback.ts";
export type { Handler, Loopback, ReceivedRequest } from "./loopback.ts";
export { CASE_NAMES } from "./names.ts";
export type { CaseName } from "./names.ts";
export { testProvider } from "./test-provider.ts";
export type { TestFunction, TestProviderOptions } from "./test-provider.ts";
export type {
  Answer,
  AnswerCall,
  AnswerReasoning,
  EmbedSpeech,
  Frame,
  Habit,
  HabitError,
  HabitResult,
  ReceivedCall,
  ReceivedFile,
  ReceivedEmbed,
  ReceivedItem,
  ReceivedSettings,
  ReceivedTool,
  Wire,
  WireError,
  WireStatusError,
  WireStreamError,
} from "./wire.ts";
export { cohereEmbed, googleBatchEmbed, mistralEmbeddings, ollamaEmbed, openaiEmbeddings, openrouterEmbeddings } from "./wires/embeds.ts";
export { anthropicMessages } from "./wires/anthropic.ts";
export { cohereChat } from "./wires/cohere.ts";
export { groqChat } from "./wires/groq.ts";
export { googleGenerateContent } from "./wires/google.ts";
export { ollamaChat } from "./wires/ollama.ts";
export { mistralChat } from "./wires/mistral.ts";
export { openaiChat } from "./wires/openai-chat.ts";
export { openaiResponses } from "./wires/openai-responses.ts";
export { openrouterChat } from "./wires/openrouter.ts";
