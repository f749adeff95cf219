/** What was found of one promise, and whether that keeps it. */
export interface Finding {
  what: string;
  found: string;
  target: string;
  met: boolean;
}

export const median = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;
export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
