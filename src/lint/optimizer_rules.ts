import type { Place, Suggestion } from "#schedules/finding.ts";
import type { AnyRule, EntryNode } from "./nodes.ts";

/** Optimizers by the size of their steps: the largest rate that is seen in practice, and a usual one. */
const RATES: readonly { readonly like: RegExp; readonly most: number; readonly usual: number }[] = [
  { like: /lion/i, most: 3e-3, usual: 1e-4 },
  { like: /adam|lamb|rmsprop|adabelief/i, most: 0.05, usual: 1e-3 },
  { like: /sgd|momentum|nesterov/i, most: 20, usual: 0.1 },
];

const short = (value: number) => Number(value.toPrecision(3));
const LOOKED_AT = 1000;

/** A rate of another optimizer's size: 0.1 is usual for SGD and far too much for Adam, whose steps are about the rate. */
export const rateForOptimizer: AnyRule = (node) => {
  const { path, built, length, facts } = node;
  const known = path.length > 0 ? undefined : RATES.find(({ like }) => like.test(facts.optimizer ?? ""));
  if (known === undefined) return [];
  let peak = 0;
  for (let k = 0; k < Math.min(LOOKED_AT, length); k++) {
    peak = Math.max(peak, built.lr(length <= LOOKED_AT ? k : Math.floor(k * length / LOOKED_AT)));
  }
  if (peak <= known.most) return [];
  return [{
    code: "rate-for-optimizer",
    severity: "warning",
    why:
      `The rate reaches ${
        short(peak)
      }; with ${facts.optimizer} more than ${known.most} hardly ever trains, and ` +
      `${known.usual} is usual.`,
    source: "Kingma and Ba, 2014, arXiv:1412.6980: a step of Adam is about as large as the rate",
    suggestions: [
      { kind: "set", changes: scaledRates(node, known.usual / peak) },
      ...(known.most < 0.1 && peak <= 1 ? [TO_SGD] : []),
    ],
  }];
};

const TO_SGD: Suggestion = {
  kind: "run",
  facts: { optimizer: "sgd" },
  text: "optimizer: { name: sgd, momentum: 0.9 }",
};

/** Every rate of a schedule and those inside, times a factor. */
function scaledRates(node: EntryNode, factor: number): (readonly [Place, unknown])[] {
  const own = Object.entries(node.entry.params).flatMap(([key, param]) => {
    const value = node.spec[key];
    const isRate = param.kind === "number" &&
      (param.unit === "rate" || key === "factor" && node.inner.length === 0);
    return isRate && typeof value === "number" && value > 0
      ? [[[...node.path, key], Number((value * factor).toPrecision(6))] as const]
      : [];
  });
  return [...own, ...node.inner.flatMap((inner) => scaledRates(inner, factor))];
}

/** A cycled momentum is β₁ for Adam, which some schedulers refuse to move and others move in silence. */
export const momentumOfAdam: AnyRule = ({ spec, entry, built, facts }) => {
  if (built.momentum === null || entry.params.cycle_momentum === undefined) return [];
  if (!/adam|lamb|lion/i.test(facts.optimizer ?? "")) return [];
  return [{
    code: "momentum-of-adam",
    severity: "warning",
    why:
      `${spec.name} moves the momentum too, which for ${facts.optimizer} is β₁ (${
        built.momentum(0)
      } at the start): ` +
      "other frameworks refuse that, or leave β₁ alone.",
    source: "torch CyclicLR asks for an optimizer with momentum; OneCycleLR moves β₁",
    suggestions: [{ kind: "set", changes: [[["cycle_momentum"], false]] }],
  }];
};
