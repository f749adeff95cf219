import type { openExchange } from "../http/exchange.ts";
import type { secretsOf } from "../http/redact.ts";
import { once } from "../provider/define.ts";
import type { toLlmError } from "../provider/errors.ts";
import type { readNdjson } from "./wire.ts";

/** What a provider needs for requests of its own, such as the management of models. */
export interface RequestTools {
  openExchange: typeof openExchange;
  readNdjson: typeof readNdjson;
  secretsOf: typeof secretsOf;
  toLlmError: typeof toLlmError;
}

/** Loaded when they are asked for: most programs make calls alone, and those load the pipeline. */
export const loadRequestTools: () => Promise<RequestTools> = once(() => import("./request-tools.ts"));
