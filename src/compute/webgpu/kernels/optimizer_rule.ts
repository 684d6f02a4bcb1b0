/**
 * WGSL of the step of the weight at `index` by one thread. It reads the weight `w`, the gradient `g` (clipped, with a coupled decay),
 * `lr`, `momentum`, the decay in `controls[group + 2]`, and from `controls[group + 3]` on the constants of the optimizer's
 * entry. `shrunk` is the weight less a decoupled decay.
 */
export interface Rule {
  /** The slots in the entry's order, by short names. */
  readonly slots: readonly string[];
  readonly body: string;
}

export type RuleOf<S> = (settings: S) => (shrunk: string) => Rule;

/**
 * A part of a step that needs more than one value at a time. Buffers go by name: `gradients` and the slots, `weights`,
 * `sums` and `scalars`; what a stage writes it may read too. Where a stage of `values` lets `g` be, the gradient is
 * clipped; all others find what earlier ones left in `gradients`.
 */
export type Stage =
  /** Statements for each value that moves; {@link Rule.body}'s names, and `hidden` (bool) where `places` are read. */
  | {
    readonly kind: "values";
    readonly clipped: boolean;
    readonly reads: readonly BufferName[];
    readonly writes: readonly BufferName[];
    readonly body: string;
  }
  /** Two sums of each tensor, or over all that move, to `sums`: `body` lets `pair` be a value's part. */
  | {
    readonly kind: "sums";
    readonly over: "tensor" | "all";
    readonly clipped: boolean;
    readonly reads: readonly BufferName[];
    readonly writes: readonly BufferName[];
    readonly body: string;
  }
  /** The shared scalars from the `sums` over all, by one thread; those before the step lie behind them. */
  | { readonly kind: "scalars"; readonly body: string }
  /** Each hidden kernel in `gradients`, whose second sum is that of its squares, with its singular values near 1. */
  | { readonly kind: "orthogonalise" };

/** `places` are tensor and kind of each block. */
export type BufferName = string;

export interface StagedRule {
  readonly slots: readonly string[];
  readonly stages: readonly Stage[];
}
