const kept: object[] = [];

/**
 * Keeps examples of classes for good. V8 forgets the shape of objects of which a collection of garbage finds none, and with it all code that was
 * optimised for them: without an example, a program that makes one call after the other begins cold with every collection, which doubles what reading
 * costs (measured in bench/, Node 24.21).
 */
export function keepShape(...examples: object[]): void {
  kept.push(...examples);
}
