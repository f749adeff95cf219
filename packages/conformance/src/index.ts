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
  Frame,
  ReceivedCall,
  ReceivedItem,
  ReceivedSettings,
  ReceivedTool,
  Wire,
  WireError,
  WireStatusError,
  WireStreamError,
} from "./wire.ts";
export { anthropicMessages } from "./wires/anthropic.ts";
export { openaiChat } from "./wires/openai-chat.ts";
export { openaiResponses } from "./wires/openai-responses.ts";
