import { entryOf, type OptimizerName, type OptimizerSpec, type SpecNamed } from "#train/optimizer.ts";
import { missingKernel } from "../../missing_kernel.ts";
import { float } from "../kernel.ts";
import { lamb, muon, prodigy } from "./staged_rules.ts";

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

type StagedRuleOf<S> = (settings: S) => StagedRule;

const adam: RuleOf<SpecNamed<"adam" | "adamw">> = ({ betas, eps }) => (shrunk) => ({
  slots: ["m", "s"],
  body: `let mean = m[index] + (1.0 - momentum) * (g - m[index]);
  let square = s[index] + ${float(1 - betas[1])} * (g * g - s[index]);
  m[index] = mean;
  s[index] = square;
  let step = mean / (sqrt(square) / controls[group + 4] + ${float(eps)});
  weights[index] = ${shrunk} - lr / controls[group + 3] * step;`,
});

/** The averaging of schedule-free steps along `direction`; see `optimizers/schedule_free.ts`. */
const averaged = (direction: string) =>
  `let share = controls[group + 3];
  let moved = e[index] - lr * ${direction};
  let average = w - controls[group + 4] * e[index] + share * moved;
  let offset = (1.0 - share) * moved;
  e[index] = offset;
  weights[index] = average + (1.0 - momentum) * offset;`;

/** By the optimizer's name. */
const RULES: { readonly [N in OptimizerName]?: RuleOf<SpecNamed<N>> } = {
  sgd: ({ nesterov }) => (shrunk) => ({
    slots: ["v"],
    body: `let velocity = momentum * v[index] + g;
  v[index] = velocity;
  weights[index] = ${shrunk} - lr * ${nesterov ? "(g + momentum * velocity)" : "velocity"};`,
  }),
  adam,
  adamw: adam,
  rmsprop: ({ alpha, eps }) => (shrunk) => ({
    slots: ["s", "v"],
    body: `let square = s[index] + ${float(1 - alpha)} * (g * g - s[index]);
  let velocity = momentum * v[index] + g / (sqrt(square) + ${float(eps)});
  s[index] = square;
  v[index] = velocity;
  weights[index] = ${shrunk} - lr * velocity;`,
  }),
  lion: ({ betas }) => (shrunk) => ({
    slots: ["m"],
    body: `let direction = m[index] + (1.0 - momentum) * (g - m[index]);
  m[index] = m[index] + ${float(1 - betas[1])} * (g - m[index]);
  // The sign of 0 is 0, and of what is not a number none either.
  let step = select(select(direction, 1.0, direction > 0.0), -1.0, direction < 0.0);
  weights[index] = ${shrunk} - lr * step;`,
  }),
  schedule_free_sgd: () => () => ({ slots: ["e"], body: averaged("g") }),
  schedule_free_adamw: ({ betas, eps }) => () => ({
    slots: ["s", "e"],
    body: `let square = s[index] + ${float(1 - betas[1])} * (g * g - s[index]);
  s[index] = square;
  let direction = g / (sqrt(square) / controls[group + 5] + ${float(eps)}) + controls[group + 2] * w;
  ${averaged("direction")}`,
  }),
};

/** Those that take sums or matrices, by name. */
const STAGED: { readonly [N in OptimizerName]?: StagedRuleOf<SpecNamed<N>> } = { lamb, prodigy, muon };

/** The rule of a spec's optimizer, in one stage or several. @throws {TypeError} where there is none. */
export function ruleOf(
  optimizer: OptimizerSpec,
): { readonly whole: (shrunk: string) => Rule } | { readonly staged: StagedRule } {
  const { name } = entryOf(optimizer);
  const rule = RULES[name] as RuleOf<OptimizerSpec> | undefined;
  if (rule) return { whole: rule(optimizer) };
  const staged = STAGED[name] as StagedRuleOf<OptimizerSpec> | undefined;
  if (staged) return { staged: staged(optimizer) };
  throw missingKernel("WebGPU", "optimizer", name, [...Object.keys(RULES), ...Object.keys(STAGED)]);
}
