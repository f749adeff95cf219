/** Where a server listens that nobody has told otherwise, and what OLLAMA_HOST means without a port. https://github.com/ollama/ollama, envconfig/config.go (read 2026-11-21) */
export const BARE_HOST_PORT = 11_434;
export const DEFAULT_BASE_URL: string = `http://127.0.0.1:${BARE_HOST_PORT}`;

/** Speaks the same API for models that run there. https://docs.ollama.com/api/introduction (read 2026-11-21) */
export const CLOUD_HOST = "ollama.com";
/** Models that a local server passes on to the cloud. They have their full window by default. https://docs.ollama.com/context-length (read 2026-11-21) */
export const CLOUD_MODEL: RegExp = /[:-]cloud$/;

/**
 * Tokens. A server that is told nothing gives 4,096 to a model on a small graphics card, and drops what does not fit without a word:
 * https://docs.ollama.com/context-length (read 2026-11-21), https://github.com/ollama/ollama/issues/4967 (2024-06-10)
 */
export const MIN_WINDOW = 2048;
/** What is kept for an answer of unknown length, without and with reasoning before it. */
export const EXPECTED_OUTPUT = 2048;
export const EXPECTED_REASONING = 8192;
/** For a picture, which costs from 256 tokens up, by model and size: more than enough. https://ai.google.dev/gemma/docs/core/model_card_3 (read 2026-11-21) */
export const MEDIA_TOKENS = 1536;

/** Go under `images`, sounds too: the server tells by the first bytes. https://github.com/ollama/ollama/issues/15427 (2026-04-13) */
export const FILE_KINDS: ReadonlySet<string> = new Set(["image", "audio"]);

/** The parts of one message are one text here, joined as the server joins messages of one role. https://github.com/ollama/ollama, template/template.go (read 2026-11-21) */
export const TEXT_JOINER = "\n\n";

/**
 * Ends of an answer for which no model was asked, because the server saw nothing to answer.
 * https://github.com/can1357/oh-my-pi/issues/7465 (2026-08-03),
 * https://github.com/langchain-ai/langchain/issues/31482 (2025-07-22)
 */
export const ONLY_LOADED: ReadonlySet<string> = new Set(["load", "unload"]);
export const UNASKED = {
  message: "The server loaded or unloaded the model and asked it nothing.",
  hint: "Send a message of the user's: the server asks no model where there is nothing to answer.",
};

/** Errors are a text and nothing else, so their words tell them apart. https://docs.ollama.com/api/errors (read 2026-11-21) */
export const NOT_PULLED: RegExp = /model ["'`]?([^\s"'`]+)["'`]? not found/i;
/** 400 for a model without the ability, such as "… does not support tools". https://github.com/ollama/ollama/issues/15023 (2026-03-23) */
export const LACKS: RegExp = /does not support \w+/i;
/** 429 from the cloud, for a session, a week. https://github.com/NousResearch/hermes-agent/pull/68832 (2026-08-08) */
export const USAGE_LIMIT: RegExp = /usage limit/i;
/** 500 for a model that is too large for the machine; no retry will cure it. https://github.com/continuedev/continue/issues/11478 (2026-03-16) */
export const NO_MEMORY: RegExp = /requires more system memory|out of memory/i;
