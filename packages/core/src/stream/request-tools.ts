export { openExchange } from "../http/exchange.ts";
export { secretsOf } from "../http/redact.ts";
export { toLlmError } from "../provider/errors.ts";
export { readNdjson } from "./wire.ts";
