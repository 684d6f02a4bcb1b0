import type { Place, Suggestion } from "#schedules/finding.ts";
import { rounded } from "#lib/numbers.ts";
import type { AnyRule, EntryNode } from "./nodes.ts";

const ADAM_STEPS = "Kingma and Ba, 2014, arXiv:1412.6980: a step of Adam is about as large as the rate";
const SCHEDULE_FREE = "Defazio et al., 2024, arXiv:2405.15682";

/** Optimizers by the size of their steps: the rates that are seen in practice, and a usual one. The first that fits counts. */
const RATES: readonly {
  readonly like: RegExp;
  /** Absent: none is too small. */
  readonly least?: number;
  readonly most: number;
  readonly usual: number;
  readonly source: string;
}[] = [
  {
    like: /prodigy/i,
    least: 0.05,
    most: 5,
    usual: 1,
    source: "Mishchenko and Defazio, 2023, arXiv:2306.06101: the rate multiplies an estimate of the rate",
  },
  { like: /schedule.?free.*adam|adam.*schedule.?free/i, most: 0.5, usual: 2.5e-3, source: SCHEDULE_FREE },
  { like: /schedule.?free/i, most: 200, usual: 1, source: SCHEDULE_FREE },
  {
    like: /muon/i,
    most: 0.5,
    usual: 0.02,
    source: "Jordan et al., 2024: a step changes every direction of a matrix by about the rate",
  },
  {
    like: /lion/i,
    most: 3e-3,
    usual: 1e-4,
    source: "Chen et al., 2023, arXiv:2302.06675: 3 to 10 times below AdamW's",
  },
  { like: /adam|lamb|rmsprop|adabelief/i, most: 0.05, usual: 1e-3, source: ADAM_STEPS },
  { like: /sgd|momentum|nesterov/i, most: 20, usual: 0.1, source: ADAM_STEPS },
];

const LOOKED_AT = 1000;

/** The largest rate of a schedule in its stretch. */
function peakOf({ built, length }: EntryNode): number {
  let peak = 0;
  for (let k = 0; k < Math.min(LOOKED_AT, length); k++) {
    peak = Math.max(peak, built.lr(length <= LOOKED_AT ? k : Math.floor(k * length / LOOKED_AT)));
  }
  return peak;
}

/** A rate of another optimizer's size: 0.1 is usual for SGD and far too much for Adam, whose steps are about the rate. */
export const rateForOptimizer: AnyRule = (node) => {
  const { path, facts: { optimizer = "" } } = node;
  const known = path.length > 0 ? undefined : RATES.find(({ like }) => like.test(optimizer));
  if (known === undefined) return [];
  const { least = 0, most, usual, source } = known;
  const peak = peakOf(node);
  if (peak <= most && (peak >= least || peak === 0)) return [];
  const beyond = peak > most
    ? `more than ${most} hardly ever trains, and ${usual} is usual`
    : `less than ${least} hardly moves anything, and ${usual} is usual`;
  return [{
    code: "rate-for-optimizer",
    severity: "warning",
    why: `The rate reaches ${rounded(peak)}; with ${optimizer} ${beyond}.`,
    source,
    suggestions: [
      { kind: "set", changes: scaledRates(node, usual / peak) },
      ...(peak > most && most < 0.1 && peak <= 1 ? [TO_SGD] : []),
    ],
  }];
};

/** A share of its peak below which a rate has been decayed. */
const DECAYED = 0.5;

/** Schedule-free optimizers average in place of a decay: a rate that falls has the late steps count for less. */
export const decayUnderAveraging: AnyRule = (node) => {
  const { path, built, length, inner, facts: { optimizer = "" } } = node;
  if (path.length > 0 || built.feedback !== null || !/schedule.?free/i.test(optimizer)) return [];
  const [peak, last] = [peakOf(node), built.lr(length - 1)];
  if (last >= DECAYED * peak) return [];
  return [{
    code: "decay-under-averaging",
    severity: "note",
    why:
      `The rate falls to ${rounded(last)} from ${
        rounded(peak)
      }; ${optimizer} averages its steps in place of a decay, and is ` +
      "meant for a rate that stays constant after a warmup.",
    source: SCHEDULE_FREE,
    suggestions: inner.length === 0 ? [{ kind: "replace", schedule: { name: "constant", lr: peak } }] : [],
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
  if (!/adam|lamb|lion|prodigy/i.test(facts.optimizer ?? "")) return [];
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
