import { vanishesIf } from "../conditions.ts";
import { entry } from "../entry.ts";
import { type Rule, set } from "../finding.ts";
import { EXPORTS } from "./exports.ts";
import { cyclesOf, PARAMS, wsd } from "./formula.ts";

/** Without a fall the rate ends at its peak: the phase that gives the schedule its name is missing. */
const noDecay: Rule<typeof PARAMS> = ({ values: { decay, stable, min_ratio }, length, untilEnd }) => {
  if (decay > 0 || min_ratio === 1 || !untilEnd) return [];
  const fall = Math.max(1, Math.round(length / 5));
  return [{
    code: "never-decays",
    severity: "warning",
    why: "The fall has no step, so the run ends at the peak rate.",
    source: "Hägele et al., 2024, arXiv:2405.18392: a fall over 10 to 20 % of the run",
    suggestions: [set({ stable: `${Math.max(0, stable - fall)} steps`, decay: `${fall} steps` })],
  }];
};

export default entry({
  name: "wsd",
  summary: "A rise, a long stable phase and a short fall, once or in cycles.",
  params: PARAMS,
  formula: "η₀·(r₀ + (1 − r₀)·g(t/w)), then η₀ for s, then η₀·(r + (1 − r)·f((t − w − s)/d)); n times",
  first: "start_ratio·lr, or lr without warmup",
  last: "min_ratio·lr, from w + n·(s + d) on",
  source:
    "Hu et al., 2024, arXiv:2404.06395; transformers get_wsd_schedule; Megatron-LM WSD (exponential); fairseq " +
    "tri_stage (geometric, start_ratio); Wen et al., 2024, arXiv:2410.05192 (inverse, cycles); fastai fit_flat_cos",
  label:
    "wsd {lr}: {warmup} up[ from {start_ratio}][ ({warmup_shape})], {stable} stable, {decay} down ({decay_shape})" +
    "[ to {min_ratio}][, {cycles} times]",
  sample: { name: "wsd", lr: 0.001, warmup: "10%", stable: "70%", decay: "20%" },
  build: (values) => ({ lr: wsd(values), cycles: cyclesOf(values) }),
  consecutive: () => ["warmup", "stable", "decay"],
  conditions: ({ min_ratio }) => vanishesIf(min_ratio === 0),
  exports: EXPORTS,
  lint: {
    warmupKey: "warmup",
    end: ({ warmup, stable, decay, cycles }) =>
      cycles === 1 ? { key: "decay", others: ["stable"], steps: decay + warmup + stable } : null,
    cycling: ({ warmup, stable, decay, cycles }) => ({
      lengthKey: "stable",
      lengthPart: stable / (warmup + stable + decay),
      growthKey: null,
      growth: 1,
      limit: cycles,
      limitKey: "cycles",
      purpose: "descents",
    }),
    positiveStart: ({ spec }) => [{
      kind: "replace",
      schedule: {
        name: "warmup",
        duration: spec.warmup,
        skip_zero: true,
        then: { ...spec, warmup: "0 steps" },
      },
    }],
    rules: [noDecay],
  },
});
