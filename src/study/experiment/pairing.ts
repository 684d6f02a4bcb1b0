import type { RunPlan } from "#results/run.ts";
import type { Summary } from "#results/summary.ts";

/** The strictest comparison that two arms of different experiments allow, and the reasons against a stricter one. */
export interface Pairing {
  readonly kind: "paired" | "unpaired" | "not comparable";
  /** Empty where the runs are paired. */
  readonly why: readonly string[];
}

/** Facts that decide on pairing. */
export interface PairingFacts {
  readonly summary: Summary;
  /** Of any run of the arm; absent where none is left. */
  readonly plan: RunPlan | undefined;
  readonly seeds: ReadonlySet<number>;
}

/**
 * Runs of one seed are pairs where they start from the same weights and see the same batches: the same images (the
 * digest covers data and split), model, augmentation, batch size and number of steps.
 */
export function pairingOf(arm: PairingFacts, against: PairingFacts): Pairing {
  const [data, other] = [arm.summary.dataset, against.summary.dataset];
  if (data.digest !== other.digest) {
    const names = data.name === other.name ? `both ${data.name}` : `${data.name}, ${other.name}`;
    return { kind: "not comparable", why: [`the images or their split differ (${names})`] };
  }
  const why = [
    ...different("model", arm.summary.model, against.summary.model),
    ...batchesDiffer(arm.plan, against.plan),
    ...(arm.seeds.isDisjointFrom(against.seeds) ? ["no seed in common"] : []),
  ];
  return { kind: why.length === 0 ? "paired" : "unpaired", why };
}

function batchesDiffer(plan: RunPlan | undefined, other: RunPlan | undefined): string[] {
  if (plan === undefined || other === undefined) {
    return [
      "one of them has no run that can be read (none has ended yet, or its files are gone), so it is not known " +
      "whether they saw the same batches",
    ];
  }
  const augmentation = ({ dataset }: RunPlan) => dataset.augment.toSorted().join(" and ") || "none";
  return [
    ...different("the parent runs", startText(plan), startText(other)),
    ...different("augmentation", augmentation(plan), augmentation(other)),
    ...different("images in a batch", plan.batch_size, other.batch_size),
    ...different("batches in a step", plan.accumulate ?? 1, other.accumulate ?? 1),
    ...different("steps", plan.total_steps, other.total_steps),
  ];
}

function startText({ start }: RunPlan): string {
  if (start === undefined) return "new weights";
  return start.kind === "file" ? "a checkpoint" : `a run of “${start.plan.arm}”`;
}

function different(what: string, one: string | number, other: string | number): string[] {
  return one === other ? [] : [`${what}: ${one}, ${other}`];
}
