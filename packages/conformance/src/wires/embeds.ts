import type { EmbedSpeech } from "../wire.ts";
import { known, listOf, objectOf, type Json } from "./shared.ts";

function textsOf(value: unknown, what: string): string[] {
  if (!Array.isArray(value) || !value.every((text) => typeof text === "string")) throw new TypeError(`${what} should be a list of texts`);
  return value as string[];
}

/** What OpenAI began and others took over. `words`: of the field that says what texts are for, where there is one. */
function listWithIndex(path: RegExp, dimensions: string, inputTypes?: EmbedSpeech["inputTypes"]): EmbedSpeech {
  return {
    path,
    indexed: true,
    ...(inputTypes !== undefined && { inputTypes }),
    read({ body }) {
      const { model, input, user, input_type: inputType, [dimensions]: length } = objectOf(body, "The body");
      return known({ model: String(model), inputs: textsOf(input, "input"), dimensions: length, inputType, user });
    },
    answer: ({ vectors, tokens, model }) =>
      JSON.stringify(
        known({
          object: "list",
          model,
          data: vectors.map(({ index, values }) => ({ object: "embedding", index, embedding: values })),
          usage: tokens === undefined ? undefined : { prompt_tokens: tokens, total_tokens: tokens },
        }),
      ),
  };
}

/** https://developers.openai.com/api/reference/resources/embeddings */
export const openaiEmbeddings: EmbedSpeech = listWithIndex(/\/embeddings(\?|$)/, "dimensions");
/** https://openrouter.ai/docs/api/reference/embeddings */
export const openrouterEmbeddings: EmbedSpeech = listWithIndex(/\/embeddings$/, "dimensions", {
  query: "search_query",
  document: "search_document",
});
/** https://docs.mistral.ai/api/endpoint/embeddings */
export const mistralEmbeddings: EmbedSpeech = listWithIndex(/\/v1\/embeddings$/, "output_dimension");

/** https://docs.cohere.com/reference/embed */
export const cohereEmbed: EmbedSpeech = {
  path: /\/v2\/embed$/,
  indexed: false,
  inputTypes: { query: "search_query", document: "search_document" },
  read({ body }) {
    const { model, texts, input_type: inputType, output_dimension: dimensions, embedding_types: types } = objectOf(body, "The body");
    if (!Array.isArray(types) || types[0] !== "float") throw new TypeError("embedding_types should be float");
    if (inputType === undefined) throw new TypeError("input_type is missing");
    return known({ model: String(model), inputs: textsOf(texts, "texts"), dimensions, inputType });
  },
  answer: ({ vectors, tokens }) =>
    JSON.stringify(
      known({
        id: "embed-kit",
        embeddings: { float: vectors.map(({ values }) => values) },
        meta: tokens === undefined ? undefined : { billed_units: { input_tokens: tokens } },
        response_type: "embeddings_by_type",
      }),
    ),
};

/** https://ai.google.dev/api/embeddings#v1beta.models.batchEmbedContents */
export const googleBatchEmbed: EmbedSpeech = {
  path: /\/v1beta\/models\/[^/:]+:batchEmbedContents$/,
  indexed: false,
  inputTypes: { query: "RETRIEVAL_QUERY", document: "RETRIEVAL_DOCUMENT" },
  read({ body, path }) {
    const requests = listOf(objectOf(body, "The body")["requests"], "requests");
    const [, model = ""] = /models\/([^:]+):/.exec(path) ?? [];
    const [first = {}] = requests;
    for (const request of requests)
      if (request["model"] !== `models/${model}`) throw new TypeError(`a request is for the model ${String(request["model"])}`);
    const texts = requests.map(({ content }) =>
      listOf((content as Json)["parts"], "parts")
        .map(({ text }) => String(text))
        .join(""),
    );
    return known({ model, inputs: texts, dimensions: first["outputDimensionality"], inputType: first["taskType"] });
  },
  answer: ({ vectors, tokens }) =>
    JSON.stringify(
      known({
        embeddings: vectors.map(({ values }) => ({ values })),
        usageMetadata: tokens === undefined ? undefined : { promptTokenCount: tokens },
      }),
    ),
};

/** https://docs.ollama.com/api/embed */
export const ollamaEmbed: EmbedSpeech = {
  path: /\/api\/embed$/,
  indexed: false,
  read({ body }) {
    const { model, input, dimensions, truncate } = objectOf(body, "The body");
    if (truncate !== false) throw new TypeError("truncate should be false: nothing may be cut in silence");
    return known({ model: String(model), inputs: textsOf(input, "input"), dimensions });
  },
  answer: ({ vectors, tokens, model }) =>
    JSON.stringify(known({ model, embeddings: vectors.map(({ values }) => values), prompt_eval_count: tokens })),
};
