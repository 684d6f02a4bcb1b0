import { entryOf, type OptimizerName, type OptimizerSpec, type SpecNamed } from "#train/optimizer.ts";
import { missingKernel } from "../../missing_kernel.ts";
import { float } from "../kernel.ts";
import type { Rule, RuleOf, StagedRule } from "./optimizer_rule.ts";
import { lamb, muon, prodigy } from "./staged_rules.ts";

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
