/**
 * Ends before the end: a signal, `break`, a deadline; and the kinds of errors.
 *
 *     npm run example cancel
 */
import { createContext, isLlmError, type LlmError } from "plurivox";
import { startDemo } from "./support/demo.ts";

await using demo = await startDemo();
await using context = createContext({ env: demo.env });
const llm = context.llm();

/** Every failure is an `LlmError`. */
const failure = (call: PromiseLike<unknown>): Promise<LlmError> =>
  Promise.resolve(call).then(
    () => Promise.reject(new Error("It should have failed.")),
    (error: unknown) => (isLlmError(error) ? error : Promise.reject(error)),
  );

// An aborted signal ends a call at any moment and closes its socket; the error holds what had arrived.
const controller = new AbortController();
const stream = llm.stream("Tell me a long story.", { signal: controller.signal });
try {
  for await (const event of stream) if (event.type === "text") controller.abort();
} catch (error) {
  if (!isLlmError(error, "aborted")) throw error;
  console.log(`signal: ${error.kind}, so far "${error.partial?.text.slice(0, 16)}"`);
}

// So does leaving the loop. Nobody has to ask for the result of a stream that was left.
const left = llm.stream("Tell me a long story.");
for await (const event of left) if (event.type === "text") break;
console.log("break:", (await failure(left.result)).kind);

// `timeoutMs` is for the whole call; `timeouts` for the headers, the first byte and the silence between bytes.
const late = await failure(llm.chat("Take your time.", { timeoutMs: 100 }));
console.log("deadline:", late.kind, late.timeout);

const unheard = await failure(llm.chat("Take your time.", { timeouts: { headersMs: 100 }, retry: false }));
console.log("no answer:", unheard.kind, unheard.timeout, unheard.retryable ? "(may be tried again)" : "");

// The kind says what went wrong, the message what to do.
const refused = await failure(llm.with({ baseURL: demo.downURL, retry: false }).chat("Name a colour."));
console.log("down:", refused.kind, refused.status);
try {
  context.llm("smrat").stream("Name a colour.");
} catch (error) {
  if (isLlmError(error)) console.log(`${error.kind}: ${error.message}`);
}
