/** The pipeline, as the first call of a program loads it. */
export { completeChat, openChat, openLayers } from "./chat.ts";
export { explainChat } from "./explain.ts";
export { planChat } from "./plan.ts";
export { runCalls } from "./run-calls.ts";
export { wholeText } from "./whole.ts";
