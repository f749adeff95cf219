/** `is<Same<A, B>>()` compiles when the two types are the same one, optional and readonly marks included. */
export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
export type Assignable<From, To> = [From] extends [To] ? true : false;
export type IsAny<T> = 0 extends 1 & T ? true : false;
/** The members of T that are `any`, or functions that take or return one. */
export type AnyIn<T> = { [K in keyof T]-?: HasAny<T[K]> extends true ? K : never }[keyof T];
type HasAny<T> =
  IsAny<T> extends true
    ? true
    : T extends (...args: infer P) => infer R
      ? true extends IsAny<R> | IsAny<Awaited<R>> | { [K in keyof P]: IsAny<P[K]> }[number]
        ? true
        : false
      : false;

export declare function is<_Holds extends true>(): void;
