// The rules of the house that no linter knows: where model ids stand, which rooms core has, what a package may depend on.
import { at, packages, read, report, sources, visitAll, type Node, type Package } from "./workspace.ts";

/** The rooms of core and the three files beside them. A new room also gets its import rule in .oxlintrc.json. */
const CORE =
  /^packages\/core\/src\/((message|model|provider|http|stream|tools|output|media|pricing|pipeline|context)\/.+|error\.ts|index\.ts|provider\.ts)$/;

/** Where model ids are data. */
const MODEL_DATA = /^packages\/(provider-[^/]+\/src\/(.+\/)?(models|quirks)\.ts$|prices\/)/;

/** The beginning of a model's id, as the vendors name their families. A few more words are taken for one than needed: rather too strict than blind. */
const MODEL_ID = new RegExp(
  "(?<![\\w-])(?:" +
    [
      "(?:chatgpt|claude|codestral|deepseek|devstral|gemini|gemma|gpt|grok|magistral|ministral|mistral|nemotron|pixtral|qwen|voxtral)-(?:\\w|$)",
      "(?:command-[ar]|dall-e|text-embedding|text-moderation|whisper)-(?:\\w|$)",
      "(?:glm|kimi|llama|phi|qwen)-?[k\\d]",
      "o[1-9](?:-|$)",
    ].join("|") +
    ")",
);

function textOf(node: Node): string | undefined {
  if (node.type === "TemplateElement") return (node.value as { raw: string }).raw;
  if (node.type !== "Literal") return undefined;
  return (
    (node.regex as { pattern: string } | undefined)?.pattern.replace(/^\^/, "") ?? (typeof node.value === "string" ? node.value : undefined)
  );
}

function modelIds({ path }: Package): string[] {
  const problems: string[] = [];
  for (const file of sources(`${path}/src`)) {
    if (MODEL_DATA.test(file)) continue;
    const text = read(file);
    visitAll(text, file, (node) => {
      const found = textOf(node);
      // The path of a module is none.
      if (found === undefined || found.startsWith("./") || !MODEL_ID.test(found)) return;
      problems.push(
        `${at(file, text, node.start)}: model id in ${JSON.stringify(found)}. Move it into a provider's models.ts or quirks.ts.`,
      );
    });
  }
  return problems;
}

function rooms(): string[] {
  return sources("packages/core/src")
    .filter((file) => !CORE.test(file))
    .map((file) => `${file}: not in a room of core. Put it in one, or add the room here and its import rule to .oxlintrc.json.`);
}

/** Vendors' SDKs are what providers depend on besides packages of the house. */
function dependencies(all: readonly Package[]): string[] {
  const foreign = ({ manifest }: Package) => Object.keys(manifest.dependencies ?? {}).filter((name) => !name.startsWith("@plurivox/"));
  const providers = all.filter(({ folder }) => folder.startsWith("provider-"));
  const sdks = new Set(providers.flatMap(foreign));
  const problems: string[] = [];
  for (const one of all) {
    const file = `${one.path}/package.json`;
    const ours = Object.keys({ ...one.manifest.dependencies, ...one.manifest.peerDependencies }).filter((name) =>
      name.startsWith("@plurivox/"),
    );
    if (providers.includes(one)) {
      if (foreign(one).length > 1) problems.push(`${file}: a provider depends on one SDK, not on ${foreign(one).join(" and ")}.`);
      const others = ours.filter((name) => name !== "@plurivox/core" && name !== "@plurivox/provider-openai-compatible");
      if (others.length > 0)
        problems.push(`${file}: the only provider that another may depend on is openai-compatible, not ${others.join(", ")}.`);
      continue;
    }
    for (const sdk of foreign(one).filter((name) => sdks.has(name)))
      problems.push(`${file}: only providers depend on a vendor's SDK (${sdk}).`);
    if (one.folder === "core" && ours.length > 0)
      problems.push(`${file}: core depends on no package of the house, not on ${ours.join(", ")}.`);
    if (one.path.startsWith("apps/") && ours.length > 0)
      problems.push(`${file}: an app depends on the umbrella, not on ${ours.join(", ")}.`);
  }
  return problems;
}

const all = packages();
report([...all.flatMap(modelIds), ...rooms(), ...dependencies(all)]);
