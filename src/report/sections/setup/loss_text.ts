import { assertNever } from "#lib/assert_never.ts";
import type { RunRecord } from "#results/run.ts";
import { describeSchedule } from "#schedules/describe.ts";
import { compact } from "#lib/numbers.ts";

type Loss = NonNullable<RunRecord["plan"]["loss"]>;

const NAMES: Readonly<Record<string, string>> = {
  cross_entropy: "cross-entropy",
  focal: "focal loss",
  dice: "Dice",
  hausdorff: "Hausdorff",
};

/** A component of a loss in a sentence. */
export function componentName(name: string): string {
  return NAMES[name] ?? name;
}

/** `cross-entropy`, `focal, gamma 2`, `Dice, smoothing 1 → focal, gamma 2: ramps from 10% to 60%`. */
export function lossText(loss: Loss | undefined): string {
  switch (loss?.name) {
    case undefined:
      return "cross-entropy";
    case "cross_entropy":
      return loss.label_smoothing === 0
        ? "cross-entropy"
        : `cross-entropy, labels smoothed by ${compact(loss.label_smoothing)}`;
    case "focal":
      return `focal, gamma ${compact(loss.gamma)}`;
    case "dice":
      return `Dice, smoothing ${compact(loss.smoothing)}${
        loss.include_background ? ", with background" : ""
      }`;
    case "hausdorff":
      return `Hausdorff, alpha ${compact(loss.alpha)}`;
    case "sum":
      return loss.components.map((each) => `${weightText(each.weight)} × ${lossText(each)}`).join(" + ");
    case "adaptive_structure_boundary":
      return `${partsText(loss)}: ${
        stagesText(loss)
      } from ${loss.schedule_start_epoch} to ${loss.boundary_epochs}`;
    case "adaptive_progressive_hybrid":
      return `${partsText(loss)}: ${
        stagesText(loss)
      } at ${loss.schedule_start_epoch}, ${loss.structure_epochs}, ` +
        loss.boundary_epochs;
    case "adaptive_complexity_cascade":
      return `${partsText(loss)}: ${stagesText(loss)}, one more every ${loss.stage_epochs}`;
    case "adaptive_dynamic_hybrid":
      return `${partsText(loss)}: ${compact(loss.shift)} of the weight moves after ${
        compact(loss.patience)
      } evaluations ` +
        "in which Dice stands still";
    default:
      return assertNever(loss);
  }
}

function weightText(weight: Extract<Loss, { name: "sum" }>["components"][number]["weight"]): string {
  return typeof weight === "number" ? compact(weight) : `(${describeSchedule(weight)})`;
}

function partsText({ components }: Extract<Loss, { components: unknown }>): string {
  return components.map((each) => lossText(each)).join(" → ");
}

function stagesText(
  { transition, order }: Extract<Loss, { transition: unknown }>,
): string {
  return (transition === "ramp" ? "ramps" : "switches") + (order === "shuffled" ? ", steps shuffled," : "");
}
