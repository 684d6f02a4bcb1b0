import { STAYS } from "../conditions.ts";
import { entry } from "../entry.ts";
import { type Rule, set } from "../finding.ts";
import { EXPORTS } from "./exports.ts";
import { oneCycle, PARAMS } from "./formula.ts";

/** A first rate that is no lower than the peak: the rise goes down or is none. */
const startsAtItsPeak: Rule<typeof PARAMS> = ({ values: { div_factor } }) =>
  div_factor > 1 ? [] : [{
    code: "no-rise",
    severity: "warning",
    why: `With a div_factor of ${div_factor} the first rate is no lower than max_lr, so nothing rises.`,
    source: "Smith and Topin, 2017, arXiv:1708.07120",
    suggestions: [set({ div_factor: undefined })],
  }];

export default entry({
  name: "one_cycle",
  summary: "One rise to max_lr and one fall far below the start, with momentum moving the other way.",
  params: PARAMS,
  formula:
    "max/div → max at pct·T − 1 → (max/div)/final_div at T − 1, along half a cosine or a line; without inclusive_end at pct·T and T",
  first: "max_lr / div_factor",
  last: "max_lr / div_factor / final_div_factor, from T − 1 on",
  source: "Smith and Topin, 2017, arXiv:1708.07120; torch OneCycleLR, fastai fit_one_cycle",
  label: "one cycle up to {max_lr} over {duration}, peak at {pct_start}[, inclusive end {inclusive_end}]",
  sample: { name: "one_cycle", max_lr: 0.1, duration: "100%" },
  build: (values) => oneCycle(values),
  conditions: () => STAYS,
  exports: EXPORTS,
  lint: {
    end: ({ duration }) => ({ key: "duration", steps: duration }),
    rules: [startsAtItsPeak],
  },
});
