import { LlmError } from "../error.ts";

/** A file on this machine. `length` in bytes. */
export interface LocalFile {
  body: AsyncIterable<Uint8Array>;
  length: number;
  filename: string;
}

/**
 * Opens a file where `allowPaths` lets it: anywhere for true, else in the directories it lists, links followed before it is compared.
 * Throws `invalid-request`; where directories are listed, its words do not tell whether a file outside of them exists.
 */
export async function openLocal(
  path: string,
  allowPaths: boolean | readonly string[] | undefined,
  signal: AbortSignal,
): Promise<LocalFile> {
  const shown = JSON.stringify(path);
  if (allowPaths === undefined || allowPaths === false) {
    throw new LlmError("invalid-request", `The file ${shown} was not read, because paths are not allowed.`, {
      hint: "Set media.allowPaths to its directory, or pass the file's bytes as data.",
    });
  }
  const { realpath, stat } = await import("node:fs/promises");
  const { createReadStream } = await import("node:fs");
  const { basename } = await import("node:path");
  const real = await realpath(path).catch(() => undefined);
  if (real === undefined || (allowPaths !== true && !(await isWithin(real, allowPaths)))) {
    const where = allowPaths === true ? "" : " in the directories that media.allowPaths names";
    throw new LlmError("invalid-request", `There is no file ${shown}${where}.`, {
      hint: "A relative path starts at the working directory.",
    });
  }
  const facts = await stat(real);
  if (!facts.isFile()) throw new LlmError("invalid-request", `${shown} is not a file.`);
  return { body: pieces(() => createReadStream(real, { signal }), shown), length: facts.size, filename: basename(path) };
}

async function isWithin(real: string, directories: readonly string[]): Promise<boolean> {
  const { realpath } = await import("node:fs/promises");
  const { isAbsolute, relative, sep } = await import("node:path");
  for (const directory of directories) {
    const way = await realpath(directory).then(
      (root) => relative(root, real),
      () => "..",
    );
    if (way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way)) return true;
  }
  return false;
}

/** Opens nothing before the first piece is wanted, so that a file which is too large is not left open. */
async function* pieces(start: () => AsyncIterable<Uint8Array>, shown: string): AsyncGenerator<Uint8Array> {
  try {
    yield* start();
  } catch (cause) {
    throw new LlmError("invalid-request", `The file ${shown} could not be read (${(cause as { code?: string }).code}).`, { cause });
  }
}
