import { entry } from "../entry.ts";
import { type Rule, set } from "../finding.ts";
import { EXPORTS } from "./exports.ts";
import { PARAMS, warmup } from "./formula.ts";

/** A ramp that starts above its target goes down. */
const fallsToItsTarget: Rule<typeof PARAMS> = ({ values: { from, duration }, inner }) => {
  const target = inner[0]?.built.lr(0) ?? Infinity;
  if (duration === 0 || from <= target || target === 0) return [];
  return [{
    code: "warmup-falls",
    severity: "warning",
    why: `The warmup starts at ${from}, above the rate that it leads to (${Number(target.toPrecision(3))}).`,
    source: "Goyal et al., 2017, arXiv:1706.02677",
    suggestions: [set({ from: undefined, skip_zero: true }), set({ from: target / 100 })],
  }];
};

export default entry({
  name: "warmup",
  summary: "A ramp up to the first rate of any other schedule, which then starts at its own step 0.",
  params: PARAMS,
  formula:
    "from + (η₁ − from)·t/W (or a ramp of another shape) for t < W, then the wrapped schedule at t − W, or at t on the run's clock",
  first: "from, or with skip_zero a step of the ramp above it",
  last: "as the wrapped schedule",
  source:
    "Goyal et al., 2017, arXiv:1706.02677; torch LinearLR + SequentialLR, optax warmup_cosine_decay_schedule",
  label:
    "{shape} warmup {duration} from {from}, then {then}[ on the {clock}'s clock][ (ramp to the rate {ramp_to})]",
  sample: { name: "warmup", duration: "5%", then: { name: "cosine", lr: 0.1, T_max: "95%" } },
  build: (values) => warmup(values),
  // On the run's clock the schedule after the ramp starts where the ramp does.
  consecutive: ({ clock }) => clock === "run" ? [] : ["duration"],
  stretch: ({ duration, clock }, _, length) => ({
    length: clock === "run" && duration < length ? length : length - duration,
    reachesEnd: true,
  }),
  conditions: ({ then }, conditionsOf) => conditionsOf(then),
  exports: EXPORTS,
  lint: {
    warmupKey: "duration",
    positiveStart: () => [set({ skip_zero: true })],
    rules: [fallsToItsTarget],
  },
});
