/**
 * The words in which vendors, servers and gateways say that a prompt is too long for its model.
 * Few of them have a code for it, and gateways pass the words on under a status of their own, so
 * one table serves every provider. Read from the vendors' documentation, their source where it is
 * public, and reports of users (2026-11).
 */

/** How much of the beginning and of the end of a message is searched: it may be very long. */
const SEARCHED = 2_000;

/**
 * Limits by time and plans that are used up. Waiting helps there, and a shorter prompt does not.
 */
const THROTTLED: readonly RegExp[] = [
  /\bper[ -](?:min(?:ute)?|second|hour|day|week|month)\b|\b(?:hourly|daily|weekly|monthly)\b/i,
  /\b[TR]P[MD]\b|\brate.?limit|\bthrottl|\btoo many requests|\bquota\b/i,
  /\bplease wait\b|\btry again later\b|\bretry (?:after|in) \d/i,
];

/** Names of the window itself. */
const WINDOW: readonly RegExp[] = [
  // OpenAI, Azure, DeepSeek, vLLM, OpenRouter, Mistral, Fireworks, Bedrock:
  // "This model's maximum context length is 8192 tokens".
  /\bmax(?:imum)? (?:allowed )?context (?:length|size|window|limit)/i,
  // OpenAI's responses, Anthropic, Ollama, Cloudflare, SGLang, llama-server, LM Studio, Voyage.
  /\b(?:exceed\w*|(?:longer|larger|greater) than|fits? (?:in|within|into)|reached)\b.{0,60}\bcontext[ _-]?(?:length|size|window|limit)/is,
  // MiniMax ("context window exceeds limit"), llama-server ("Context size has been exceeded").
  /\bcontext[ _-]?(?:length|size|window|limit)\b.{0,30}\b(?:exceed\w*|overflow\w*|too (?:small|short))/is,
  // LM Studio; up to 0.3 it wrote "when context the overflows".
  /\bcontext (?:the )?overflows?\b/i,
  // Ollama.
  /\bexceeded max(?:imum)? context/i,
  // Text Generation Inference, and Together and Hugging Face, which run it:
  // "`inputs` tokens + `max_new_tokens` must be <= 4097".
  /\binputs\W{0,3}tokens \+ \W?max_new_tokens/i,
  // vLLM, TabbyAPI, llama.cpp: the names of their settings.
  /\bmax_(?:model|seq)_len\b|\bn_ctx\b/i,
  // Codes, types and class names: OpenAI, llama-server, LiteLLM, GitHub Copilot, GitHub Models.
  /context_length_exceeded|exceed_context_size|context_?window_?exceeded/i,
  /model_max_prompt_tokens_exceeded|tokens_limit_reached/i,
];

/** Other things that are too long or too large: an answer as asked for, a body in bytes, a file. */
const OTHERWISE: readonly RegExp[] = [
  /\bmax[ _]?(?:(?:completion|output|new)[ _])?tokens\b.{0,12}\b(?:must|should|cannot|value|range|too (?:large|high)|exceed\w*|greater|larger)\b/is,
  /\bmaxOutputTokens\b|budget/i,
  /\b(?:output|completion|response|answer|generated)[ _](?:tokens?|length|text|limit)\b/i,
  /\b(?:output|completion|response|answer)\b.{0,10}\btoo (?:long|large)\b/is,
  /\bbytes?\b|\d ?[KMG]i?B\b|\bpixels?\b/i,
  /\b(?:image|picture|audio|video|file|pdf|attachment)s?\b.{0,40}\b(?:too|exceed\w*|larger|longer|max\w*)\b/is,
];

/**
 * Words about the prompt, its tokens or its length, which mean the window where nothing above does.
 */
const PROMPT: readonly RegExp[] = [
  // Anthropic, Bedrock, Fireworks, Ollama, and llama-server about embeddings:
  // "input (600 tokens) is too large to process".
  /\b(?:prompt|inputs?|conversation|context|messages?|texts?)(?: tokens?)?(?: \([^)]{0,40}\))? ?(?:is |are |was |were )?too (?:long|large|big)\b/i,
  // Gemini, Vertex AI, OpenAI ("Input tokens exceed the configured limit"), GitHub Copilot, SGLang,
  // TensorRT-LLM, watsonx, Nova, NIM.
  /\b(?:input|prompt|request)(?:ed|'s)? (?:tokens?|length|token (?:count|length))\b.{0,80}\b(?:exceed\w*|longer|larger|greater|more than|supports? (?:only )?up to|only supports?)\b/is,
  // xAI: "maximum prompt length is 131072 but the request contains 537812 tokens".
  /\bmax(?:imum)? (?:allowed )?(?:prompt|input|model|sequence) (?:length|tokens?|token (?:length|size|count))\b/i,
  // Moonshot ("exceeded model token limit"), Gemini, Jina.
  /\bexceed(?:s|ed|ing)?\b.{0,40}\b(?:model token limit|max(?:imum)? (?:(?:number of|allowed|total) )?(?:(?:input|prompt) )?tokens?|\d+ tokens)\b/is,
  // StepFun and others: "total message token length exceed model limit".
  /\btokens?\b.{0,30}\b(?:exceed\w*|more than) (?:the )?(?:model(?:'s)?|max\w*) (?:max\w* )?(?:token )?(?:limit|tokens)\b/is,
  // Z.ai: "Prompt exceeds max length".
  /\b(?:prompt|inputs?|messages?|conversation|text)\b.{0,30}\bexceed\w*\b.{0,30}\b(?:max(?:imum)?|allowed)\b.{0,20}\b(?:length|size|limit)\b/is,
  // Cohere, Bedrock, Voyage, and Cohere's type.
  /\btoo[ _]many[ _](?:(?:input|prompt|total)[ _])?tokens\b/i,
  /\btokens in (?:the |your )?(?:prompt|input|messages|request)\b.{0,30}\b(?:cannot|must|exceed\w*)/is,
  // DashScope: "Range of input length should be [1, 129024]".
  /\brange of input length should be\b/i,
  // Text Embeddings Inference, SiliconFlow: "`inputs` must have less than 512 tokens".
  /\binputs?\W{0,3}must have (?:less|fewer) than \d+ tokens\b/i,
  // What Groq, Cerebras and many more say is to be done.
  /\b(?:reduce|shorten|decrease) (?:the |your )?(?:(?:length|size|number of tokens) (?:of|in) (?:the |your )?)?(?:messages|prompt|input length|input token)/i,
  // GitHub Models: "Request body too large for gpt-4o model. Max size: 8000 tokens."
  /\bmax(?:imum)? size: ?\d+ tokens\b/i,
  // OpenAI's bound on the characters of one text, and Titan's.
  /'(?:messages|input|contents)\b[^']{0,80}': string too long/i,
  /\bexpected maxLength: \d+, actual: \d+/,
  // Zhipu and others in Chinese.
  /超长|(?:输入|上下文).{0,12}(?:超过|超出|过长)/s,
];

/**
 * Whether a vendor's code and message say that a prompt does not fit its model, alone or with its
 * answer.
 */
export function isOverflow(code: string | undefined, message: string | undefined): boolean {
  const text = beginningAndEnd(`${code ?? ""} ${message ?? ""}`);
  const isSaid = (words: RegExp) => words.test(text);
  if (THROTTLED.some(isSaid)) return false;
  return WINDOW.some(isSaid) || (PROMPT.some(isSaid) && !OTHERWISE.some(isSaid));
}

/** What of a vendor's message is searched for words. */
export function beginningAndEnd(text: string): string {
  return text.length <= 2 * SEARCHED ? text : `${text.slice(0, SEARCHED)} ${text.slice(-SEARCHED)}`;
}
