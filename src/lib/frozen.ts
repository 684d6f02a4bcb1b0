/** Plain data that nobody changes: read-only at every depth. */
export type Frozen<T> = T extends readonly (infer E)[]
  ? T extends readonly [unknown, ...unknown[]] ? FrozenFields<T> : readonly Frozen<E>[]
  : T extends object ? FrozenFields<T>
  : T;

type FrozenFields<T> = { readonly [K in keyof T]: Frozen<T[K]> };
