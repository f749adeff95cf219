/** Runs work, so many at a time and at least one; what comes later waits for its turn. */
export type Slots = <T>(work: () => Promise<T>) => Promise<T>;

export function slots(most: number): Slots {
  let free = most >= 1 ? most : 1;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free >= 1) free--;
    else await new Promise<void>((go) => waiting.push(go));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    }
  };
}
