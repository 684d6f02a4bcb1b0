import { entryOf, type OptimizerName, type OptimizerSpec, type SpecNamed } from "#train/optimizer.ts";
import { missingKernel } from "../../missing_kernel.ts";
import { float } from "../kernel.ts";

/**
 * WGSL of the step of the weight at `index` by one thread. It reads the weight `w`, the gradient `g` (clipped, with a coupled decay),
 * `lr`, `momentum`, and from `controls[group + 3]` on the constants of the optimizer's entry. `shrunk` is the weight less a
 * decoupled decay.
 */
interface Rule {
  /** The slots in the entry's order, by short names. */
  readonly slots: readonly string[];
  readonly body: string;
}

type RuleOf<S> = (settings: S) => (shrunk: string) => Rule;

const adam: RuleOf<SpecNamed<"adam" | "adamw">> = ({ betas, eps }) => (shrunk) => ({
  slots: ["m", "s"],
  body: `let mean = m[index] + (1.0 - momentum) * (g - m[index]);
  let square = s[index] + ${float(1 - betas[1])} * (g * g - s[index]);
  m[index] = mean;
  s[index] = square;
  let step = mean / (sqrt(square) / controls[group + 4] + ${float(eps)});
  weights[index] = ${shrunk} - lr / controls[group + 3] * step;`,
});

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
};

/** The rule of a spec's optimizer. @throws {TypeError} where there is none. */
export function ruleOf(optimizer: OptimizerSpec): (shrunk: string) => Rule {
  const { name } = entryOf(optimizer);
  const rule = RULES[name] as RuleOf<OptimizerSpec> | undefined;
  if (!rule) throw missingKernel("WebGPU", "optimizer", name, Object.keys(RULES));
  return rule(optimizer);
}
