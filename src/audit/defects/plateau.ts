import type { FeedbackSchedule, Schedule } from "#schedules/schedule.ts";
import { type Case, type Explanation, firstMisfit, fitting, type Metric, short } from "../case.ts";
import type { RateLog } from "../log.ts";
import { planOf } from "../plan.ts";
import type { Defect } from "./entry.ts";

/** Evaluations without a better one after which a plateau is plain: twice torch's patience. */
const PLAIN_STALL = 20;
/** Least evaluations before a drop from which a trend is read. */
const TREND = 4;
/** Evaluations before a drop that are looked at: no more than a usual patience, after which a stalled metric is level. */
const LOOKED_AT = 5;

/** The rates that a plateau gives for a metric; an evaluation counts for the steps after it. */
export function simulated(feedback: FeedbackSchedule, metric: Metric): Schedule {
  const states: { step: number; state: unknown }[] = [];
  let state = feedback.init();
  for (const { step, value } of metric) {
    state = feedback.observe(state, { step: step + 1, loss: value, metric: value });
    states.push({ step, state });
  }
  const first = feedback.init();
  return (step) => feedback.at(states[firstFrom(states, step) - 1]?.state ?? first, step);
}

/** The index of the first entry at a step or after it; steps rise. */
function firstFrom(entries: readonly { readonly step: number }[], step: number): number {
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (entries[middle]!.step < step) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The planned rates for the logged metric, whether it is logged at an epoch's last step or after it. */
export function plateauFits({ log, plan, metric }: Case): Schedule | null {
  if (plan.feedback === null || metric === null) return null;
  const earlier = metric.map(({ step, value }) => ({ step: step - 1, value }));
  for (const points of [metric, earlier]) {
    const rate = fitting({ log }, simulated(plan.feedback, points));
    if (rate !== null) return rate;
  }
  return null;
}

/** The steps at which a log's rate falls. */
const dropsIn = ({ steps, rates, tolerances }: RateLog): number[] =>
  steps.filter((_, i) => i > 0 && rates[i]! < rates[i - 1]! - 2 * tolerances[i]!);

export const plateauNeverFired: Defect = {
  code: "plateau-never-fired",
  title: "the plateau never fired",
  threads: [
    "rmchurch/disruptcnn#3",
    "zylo117/Yet-Another-EfficientDet-Pytorch#309",
    "zzh8829/yolov3-tf2#181",
  ],
  mend: {
    PyTorch: "scheduler.step(validation_loss)  # after each evaluation, with the metric that is to stall",
    Lightning: '"lr_scheduler": {"scheduler": scheduler, "monitor": "val_loss"}',
  },
  against: ({ log, plan, metric }) => {
    if (plan.feedback === null || metric === null || dropsIn(log).length > 0) return null;
    const planned = simulated(plan.feedback, metric);
    const at = firstMisfit(log, planned);
    const [first] = log.rates;
    if (at === log.steps.length || planned(log.steps[at]!) >= first!) return null;
    return {
      what: `The rate stays at ${short(first!)}, although the metric had stalled: by the plan it falls to ${
        short(planned(log.steps[at]!))
      } by step ${log.steps[at]}.`,
      rate: () => first!,
    };
  },
  alone: ({ found, metric }) => {
    if (found.family !== "constant" || metric === null) return null;
    const stalled = stalledFor(metric);
    return stalled < PLAIN_STALL ? null : {
      certainty: "suspected",
      what:
        `The metric has not improved for ${stalled} evaluations, and the rate never moved: a plateau that did not ` +
        "fire, unless the schedule is constant.",
      needs: "--plan",
    };
  },
};

export const plateauOnNoise: Defect = {
  code: "plateau-on-noise",
  title: "the plateau fired while the metric still improved",
  threads: ["facebookresearch/fairseq#2205", "FunctionLab/selene#115", "pytorch/pytorch#11305"],
  mend: {
    PyTorch:
      'ReduceLROnPlateau(optimizer, mode="min", patience=10, threshold=1e-3)  # mode "max" for an accuracy; a patience longer than the noise',
    Keras: 'ReduceLROnPlateau(monitor="val_loss", mode="min", patience=10)',
  },
  against: (given) => {
    const { log, plan, metric } = given;
    if (plan.feedback === null || metric === null) return null;
    const drops = dropsIn(log);
    const planned = simulated(plan.feedback, metric);
    const at = firstMisfit(log, planned);
    if (drops.length === 0 || at === log.steps.length || log.rates[at]! >= planned(log.steps[at]!)) {
      return null;
    }
    return otherPlateau(given) ?? {
      what: `The rate falls by step ${log.steps[at]}, where the plan with this metric keeps it at ${
        short(planned(log.steps[at]!))
      }.`,
      rate: (step) => log.rates[log.steps.findLastIndex((one) => one <= step)] ?? NaN,
    };
  },
  alone: ({ log, metric }) => {
    const [drop] = dropsIn(log);
    if (metric === null || drop === undefined || !stillImproves(metric, drop)) return null;
    return {
      certainty: "suspected",
      what:
        `The rate falls at step ${drop}, while the metric still improves: a plateau with too little patience or the ` +
        "wrong mode, unless the drop was planned.",
      needs: "--plan",
    };
  },
};

/** The plan with another mode or patience that gives the log. */
function otherPlateau(given: Case): Explanation | null {
  const { plan } = given;
  if (plan.spec.name !== "plateau") return null;
  // A patience of all evaluations never ends.
  const patience = Math.min(
    typeof plan.spec.patience === "number" ? plan.spec.patience : 10,
    given.metric?.length ?? 0,
  );
  const mode = plan.spec.mode === "max" ? "min" : "max";
  const variants = [
    { change: { mode }, text: `as with mode ${mode}: it waits for the metric to get worse` },
    ...Array.from(
      { length: patience },
      (_, k) => ({ change: { patience: k }, text: `as with a patience of ${k}` }),
    ),
  ];
  for (const { change, text } of variants) {
    const other = planOf({ ...plan.spec, ...change }, plan.shape);
    const rate = plateauFits({ ...given, plan: other });
    if (rate !== null) return { what: `The rate falls more often than planned, ${text}.`, rate };
  }
  return null;
}

/** Evaluations since the best one. The metric is taken to fall where it ends below its start. */
function stalledFor(metric: Metric): number {
  const sign = metric.at(-1)!.value <= metric[0]!.value ? 1 : -1;
  const best = metric.reduce(
    (at, { value }, i) => sign * value < sign * metric[at]!.value * (1 - 1e-4 * sign) ? i : at,
    0,
  );
  return metric.length - 1 - best;
}

/** True where the later half of the evaluations before a step is better than the earlier one by more than its noise. */
function stillImproves(metric: Metric, until: number): boolean {
  const before = metric.filter(({ step }) => step < until).map(({ value }) => value).slice(-LOOKED_AT);
  if (before.length < TREND) return false;
  const sign = metric.at(-1)!.value <= metric[0]!.value ? 1 : -1;
  const half = Math.floor(before.length / 2);
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const changes = before.slice(1).map((value, i) => Math.abs(value - before[i]!));
  const noise = mean(changes) / Math.sqrt(half);
  return sign * (mean(before.slice(0, half)) - mean(before.slice(half))) > 2 * noise;
}
