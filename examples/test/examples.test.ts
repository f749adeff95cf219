import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";

const folder = join(import.meta.dirname, "..");
const MOCKED = "(No key of this vendor in the environment: a mock in this process makes the answers up.)";

/** What each example has to say, in this order. */
const SAYS: Readonly<Record<string, readonly string[]>> = {
  "approvals-paused": ['approved: pay {"amount":120}', 'The bank says {"paid":120}.', "tampered: invalid-request"],
  approvals: ['asked about {"path":"/home/diary.txt"}', "Not my diary!", "run: scratch/cache is gone", "not run: ", "Only in scratch."],
  cancel: [
    "signal: aborted",
    "break: aborted",
    "deadline: timeout total",
    "no answer: timeout headers (may",
    "down: overloaded 503",
    "smrat",
  ],
  chat: ["Blue.", "Because air scatters", "tokens in, 19 out, stop, by openai/gpt-6-luna", "user, assistant, user"],
  choices: ["first: Blue.", "choice 0: Blue. (stop)", "choice 1: Green. (stop)", "14 tokens", "unsupported: "],
  embeddings: [
    "3 vectors by openai/text-embedding-3-small, 31 tokens",
    "warning: text-embedding-3-small does not support inputType",
    "closest: Bread needs flour",
    'unsupported: [openai] model "text-embedding-ada-002" does not support dimensions',
  ],
  fallback: ["openai answered: Blue.", "openai-compatible: overloaded (503)", "openai: ok", 'warning "fallback"', "next call: openai\n"],
  files: ["three pictures", "sent: data:image/png", "sent: https://www.gstatic", "refused: invalid-request (allowPaths)"],
  "generator-tool": ['progress {"file":"a.txt","done":0.5}', '"done":1}', "result 10", "There are 10 words."],
  handoff: [
    "anthropic: The thermometers",
    "mistral: Lima.",
    "Reasoning of another provider",
    "Tool call ids rewritten for mistral: 2",
    "back to anthropic: 0 warnings",
  ],
  limits: ["6 answers, at most 2 requests", "refused: ", "tokensPerCall", "within the budget: true"],
  mcp: ["arithmetic has: math_add (Adds two numbers)", 'approved: math_add {"a":17,"b":25}', 'returned: "42"', "The server says 42."],
  middleware: ["[log] default: 30 tokens", "[log] default: 0 tokens cached", "from the cache: Blue.", "[metrics] mistral/"],
  profiles: [
    "openai, gpt-6-luna: Blue.",
    "anthropic, claude-opus-5-5: Blue.",
    "for one call: mistral",
    "smart, cheap",
    "LLM_PROVIDER=mistral: mistral/",
  ],
  reasoning: [
    "thinks: 45 squared",
    "says: Yes",
    'hidden: "Yes, 2027 is prime." undefined true',
    'told apart: "Yes, 17 is prime."',
    '"<think>17 has',
  ],
  "structured-output": ["Oslo has 2 rivers", 'so far {"name":"Oslo"', '"rivers":["Akerselva","Alna"]', "repaired: 717710 after 2 steps"],
  tools: ["The thermometers", 'called get_weather {"city":"Oslo"}', 'returned {"city":"Lima","celsius":19}', "step 2: stop"],
  "vendor-tools": ['{"type":"web_search"', "Gideon Sundback, in 1913.", "source: Gideon Sundback, https://", "called: web_search"],
};

/** Two at a time: each waits for the one before it in its lane. */
const lanes: Promise<unknown>[] = [Promise.resolve(), Promise.resolve()];

function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const result = lanes.shift()!.then(work);
  lanes.push(result.catch(() => {}));
  return result;
}

async function run(name: string): Promise<{ code: number; stdout: string; stderr: string }> {
  // Nothing of the machine's environment: it may hold keys.
  const env = { PATH: process.env["PATH"], HOME: process.env["HOME"], PLURIVOX_NO_NETWORK: "1" };
  const child = spawn(process.execPath, ["--conditions=@plurivox/source", join(folder, `${name}.ts`)], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 60_000,
  });
  const [[code], stdout, stderr] = await Promise.all([once(child, "close"), text(child.stdout), text(child.stderr)]);
  return { code: code as number, stdout, stderr };
}

test("every example has an entry here, and every entry an example", () => {
  const names = readdirSync(folder).flatMap((file) => (file.endsWith(".ts") ? [file.slice(0, -3)] : []));
  expect(Object.keys(SAYS).toSorted()).toEqual(names.toSorted());
});

describe.concurrent("without a key", { timeout: 600_000 }, () => {
  test.each(Object.entries(SAYS))("%s", async (name, says) => {
    const { code, stdout, stderr } = await inTurn(() => run(name));
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout).toContain(MOCKED);
    let at = 0;
    for (const words of says) {
      expect(stdout.slice(at)).toContain(words);
      at = stdout.indexOf(words, at) + words.length;
    }
  });
});
