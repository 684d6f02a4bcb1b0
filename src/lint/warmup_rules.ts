import { parseDuration, printDuration } from "#lib/duration.ts";
import { set, type Suggestion } from "#schedules/finding.ts";
import type { AnyRule, EntryNode } from "./nodes.ts";

/** Half of the run spent on a ramp leaves too little for the schedule itself. */
export const warmupTooLong: AnyRule = (node) => {
  const { entry, values, length } = node;
  const key = entry.lint?.warmupKey;
  const steps = key === undefined ? 0 : values[key] as number;
  if (key === undefined || steps <= length / 2) return [];
  return [{
    code: "warmup-too-long",
    severity: "warning",
    why: `The warmup takes ${steps} of ${length} steps, more than half of the run; a few percent are usual.`,
    source: "schedulers-overview.md; Goyal et al., 2017, arXiv:1706.02677",
    suggestions: anotherWarmup(node, key, "5%", Math.round(node.shape.totalSteps / 20)),
  }];
};

/** A ramp of less than this part of the run warms nothing up. */
const NOTHING = 1e-3;

/** A warmup of a few steps, where as many epochs are a usual one. */
export const warmupInSteps: AnyRule = (node) => {
  const { entry, spec, values, length, shape } = node;
  const key = entry.lint?.warmupKey;
  if (key === undefined || spec[key] === undefined || shape.stepsPerEpoch === 1) return [];
  const { value, unit } = parseDuration(spec[key]);
  const asEpochs = value * shape.stepsPerEpoch;
  if (unit !== "steps" || value === 0 || value > NOTHING * length || asEpochs > length / 4) return [];
  const epochs = printDuration({ value, unit: "epochs" });
  return [{
    code: "warmup-in-steps",
    severity: "warning",
    why: `The warmup takes ${values[key]} of ${length} steps, which is next to none; is it meant in epochs?`,
    source: "mmcv, k-diffusion and others count a warmup in iterations, most papers in epochs",
    suggestions: anotherWarmup(node, key, epochs, asEpochs),
  }];
};

/** A warmup of another length, with what follows it made longer or shorter, so that the whole fills the run. */
function anotherWarmup(
  { entry, values, inner, length }: EntryNode,
  key: string,
  duration: string,
  steps: number,
): Suggestion[] {
  const change = (values[key] as number) - steps;
  const rest = inner.flatMap((child) => {
    const end = child.entry.lint?.end?.(child.values);
    const own = end == null ? 0 : child.values[end.key] as number;
    return end == null
      ? []
      : [length - steps, own + change].map((left) =>
        [[...child.path.slice(-1), end.key], `${left} steps`] as const
      );
  });
  const phases = entry.lint?.end?.(values) ?? null;
  const own = [...phases?.others ?? [], phases?.key].filter((other) => other !== undefined && other !== key);
  return [
    set({ [key]: duration }),
    ...rest.map((other): Suggestion => ({ kind: "set", changes: [[[key], duration], other] })),
    ...own.map((other) => set({ [key]: duration, [other!]: `${(values[other!] as number) + change} steps` })),
  ];
}
