import { STAYS, VANISHES } from "../conditions.ts";
import type { Conditions } from "../conditions.ts";
import { entry } from "../entry.ts";
import type { Written } from "../param_types.ts";
import { EXPORTS } from "./exports.ts";
import { PARAMS, sgdr } from "./formula.ts";

/** Cycle k has about m^k steps at d^k times the rate: sums of (dm)^k and (d²m)^k. */
function conditions(
  { T_mult: m, lr_decay: d, decay_min, cycle_limit, eta_min }: Written<typeof PARAMS>,
): Conditions {
  if (cycle_limit !== null || m < 1) return eta_min === 0 ? VANISHES : STAYS;
  if (!decay_min && eta_min > 0) return STAYS;
  if (d * m < 1) return VANISHES;
  if (d === 1) return STAYS;
  if (d * d * m >= 1) return { ...STAYS, because: "lr_decay² × T_mult is 1 or more" };
  return {
    sumDiverges: true,
    squaresConverge: true,
    because: "lr_decay × T_mult is 1 or more, but lr_decay² × T_mult is not",
  };
}

export default entry({
  name: "sgdr",
  summary: "Cosine descents with warm restarts, each cycle T_mult times as long as the one before.",
  params: PARAMS,
  formula:
    "d^k·(min + (η₀ − min)·(1 + cos(π(t − b_k)/(b_(k+1) − b_k)))/2), b_k = round(T₀·(m^k − 1)/(m − 1))",
  first: "lr, or eta_min with a warmup",
  last: "restarts for ever; with cycle_limit K, d^(K−1)·eta_min from b_K on",
  source:
    "Loshchilov and Hutter, 2016, arXiv:1608.03983; torch CosineAnnealingWarmRestarts, timm CosineLRScheduler",
  label: "sgdr {lr} → {eta_min}, first cycle {T_0}, then × {T_mult}[, each after a warmup of {warmup}]" +
    "[, rates × {lr_decay}][ (the minimum stays: decay_min {decay_min})][, {cycle_limit} cycles]" +
    "[, inclusive end {inclusive_end}]",
  sample: { name: "sgdr", lr: 0.1, eta_min: 1e-4, T_0: "2 epochs", T_mult: 1.5 },
  build: (values) => sgdr(values),
  conditions,
  exports: EXPORTS,
  lint: {
    rateKeys: ["lr", "eta_min"],
    factorKey: "lr_decay",
    cycling: ({ T_mult, cycle_limit }) => ({
      lengthKey: "T_0",
      lengthPart: 1,
      growthKey: "T_mult",
      growth: T_mult,
      limit: cycle_limit,
      limitKey: "cycle_limit",
      purpose: "descents",
    }),
  },
});
