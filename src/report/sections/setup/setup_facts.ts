import type { RunRecord } from "#results/run.ts";
import { hasText } from "#results/score.ts";
import type { Summary } from "#results/summary.ts";
import type { Fact } from "../../model.ts";
import { lossText } from "./loss_text.ts";
import { optimizerText } from "./optimizer_text.ts";
import { counted, fixed, ranges } from "#lib/numbers.ts";

/** Data, model, seeds, optimizer and duration of an experiment. */
export function setupFacts(summary: Summary, records: readonly RunRecord[]): Fact[] {
  const { dataset, model } = summary;
  const noun = records.some(hasText) ? "window" : "image";
  const plans = records.flatMap(({ plan }) => plan.role === "arm" ? plan : []);
  const plan = plans[0];
  const seeds = [
    ...new Set(summary.arms.flatMap(({ runs }) => runs.map(({ seed, member }) => member?.of ?? seed))),
  ];
  const facts: Fact[] = [
    ...looksFact(summary),
    {
      label: "Data",
      value:
        `${dataset.name}: ${fixed(dataset.train, 0)} training, ${fixed(dataset.validation, 0)} validation, ` +
        `${fixed(dataset.test, 0)} test ${noun}s`,
    },
    ...(dataset.entropy === undefined
      ? []
      : [{ label: "Entropy of the source", value: `${fixed(dataset.entropy, 4)} nats a token` }]),
    { label: "Model", value: model },
    {
      label: "Seeds",
      value: `${ranges(seeds)} (paired: runs with the same seed share initial weights and batches)`,
    },
  ];
  const losses: Fact = { label: "Loss", value: lossesText(plans) };
  return plan ? [...facts, losses, ...planFacts(plan, noun)] : facts;
}

/** The looks that were taken at the evidence, and why there were no more. */
function looksFact({ looks }: Summary): Fact[] {
  if (looks === undefined) return [];
  const { planned, taken, ended } = looks;
  const why = {
    decided: "nothing was open any more",
    "last look": "it was the last one planned",
    budget: "the time budget was used up",
    unfinished: "the experiment was stopped",
  }[ended];
  return [{
    label: "Looks",
    value: `${taken.length} of ${planned.length} (at ${planned.join(", ")} seeds); ${why}. ` +
      "Intervals hold over all planned looks together",
  }];
}

function planFacts(plan: RunRecord["plan"], noun: string): Fact[] {
  const { optimizer, batch_size, total_steps, steps_per_epoch, eval_every, read_test } = plan;
  const epochs = fixed(total_steps / steps_per_epoch, 1).replace(/\.0$/, "");
  return [
    { label: "Optimizer", value: optimizerText(optimizer) },
    { label: "Batch", value: batchText(batch_size, plan.accumulate ?? 1, noun) },
    { label: "Augmentation", value: plan.dataset.augment.join(", ") || "none" },
    {
      label: "Duration",
      value: `${counted(total_steps, "step")}, ${epochs} epochs of ${counted(steps_per_epoch, "step")}`,
    },
    {
      label: "Evaluation",
      value: `every ${counted(eval_every, "step")} on validation data${
        read_test ? "; the test data are read once, at the end" : ""
      }`,
    },
  ];
}

/** The training loss; by arm where the arms differ. */
function lossesText(plans: readonly RunRecord["plan"][]): string {
  const arms = new Map<string, Set<string>>();
  for (const { arm, loss } of plans) {
    const text = lossText(loss);
    arms.set(text, (arms.get(text) ?? new Set()).add(arm));
  }
  if (arms.size <= 1) return [...arms.keys()].join();
  return [...arms].map(([text, names]) => `${text} (${[...names].join(", ")})`).join("; ");
}

/** `64 images`; of an accumulated batch, the number and size of its parts. */
export function batchText(size: number, accumulate: number, noun = "image"): string {
  const images = counted(size, noun);
  return accumulate === 1
    ? images
    : `${counted(size * accumulate, noun)} per step, accumulated over ${
      fixed(accumulate, 0)
    } batches of ${images}`;
}
