/* oxlint-disable no-restricted-properties -- here the environment is not read but played: what an SDK finds in it is the test. */
const MARK = "x-plurivox-ambient";

/** Variables of the environment that hold junk until they are disposed of. */
export interface Ambience extends Disposable {
  /** The variables whose junk a text holds. */
  foundIn(text: string): string[];
}

/**
 * Gives each variable a value that says which one it is, and that a header, or a list of headers, may hold. A variable `…_LOG` is a log level:
 * it gets the one that prints most.
 */
export function ambience(names: readonly string[]): Ambience {
  const before = names.map((name) => [name, process.env[name]] as const);
  for (const name of names) process.env[name] = name.endsWith("_LOG") ? "debug" : `${MARK}: junk-of-${name.toLowerCase()}`;
  return {
    foundIn(text) {
      const lower = text.toLowerCase();
      const found = names.filter((name) => lower.includes(`junk-of-${name.toLowerCase()}`));
      return found.length === 0 && lower.includes(MARK) ? [MARK] : found;
    },
    [Symbol.dispose]() {
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    },
  };
}
