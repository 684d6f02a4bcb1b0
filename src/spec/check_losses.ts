import { checkSchedule } from "#schedules/registry.ts";
import { isLabelLoss } from "#train/loss.ts";
import type { Problem } from "./error.ts";
import type { Path } from "./path.ts";
import type { Spec, Vocabulary } from "./schema.ts";

/** Losses fit the data, and weights of their components that are schedules are in the catalogue. */
export function checkLosses(spec: Spec, vocabulary: Vocabulary): Problem[] {
  const losses: [Path, NonNullable<Spec["loss"]>][] = [
    ...(spec.loss ? [[["loss"], spec.loss]] as [Path, NonNullable<Spec["loss"]>][] : []),
    ...spec.arms.flatMap(({ loss }, index): [Path, NonNullable<Spec["loss"]>][] =>
      loss ? [[["arms", index, "loss"], loss]] : []
    ),
  ];
  return [
    ...checkLabelUnit(spec, losses, vocabulary),
    ...losses.flatMap(([path, loss]) => checkWeights(loss, path)),
  ];
}

/**
 * Only images with masks have losses of masks. Ensembles join the classes of whole images, or next tokens: masks have none.
 * Text is not augmented.
 */
function checkLabelUnit(
  { dataset: { name, augment }, predictions, arms }: Spec,
  losses: readonly [Path, NonNullable<Spec["loss"]>][],
  { datasets, labelUnits = {} }: Vocabulary,
): Problem[] {
  if (!datasets.includes(name)) return [];
  const unit = labelUnits[name] ?? "image";
  const masks = datasets.filter((other) => labelUnits[other] === "pixel");
  const having = masks.length > 0 ? `; data sets with masks: ${masks.join(", ")}` : "";
  const ensembles = `${name} has masks, and there are no ensembles of masks`;
  return [
    ...(unit === "token" && augment.length > 0
      ? [{ path: ["dataset", "augment"], message: `${name} is text, which cannot be cropped or flipped` }]
      : []),
    ...(unit === "pixel" && predictions ? [{ path: ["predictions"], message: ensembles }] : []),
    ...arms.flatMap(({ members }, index) =>
      unit === "pixel" && members ? [{ path: ["arms", index, "members"], message: ensembles }] : []
    ),
    ...losses.flatMap(([path, loss]) => {
      if (unit === "pixel" || isLabelLoss(loss)) return [];
      const message = `${loss.name} needs images with masks, and ${name} has none${having}`;
      return [{ path: [...path, "name"], message }];
    }),
  ];
}

/** Planning says whether a schedule suits the run: it alone knows the run's length. */
function checkWeights(loss: NonNullable<Spec["loss"]>, path: Path): Problem[] {
  if (loss.name !== "sum") return [];
  return loss.components.flatMap(({ weight }, index) => {
    if (typeof weight === "number") return [];
    const at = [...path, "components", index, "weight"];
    return checkSchedule(weight).map((problem) => ({ ...problem, path: [...at, ...problem.path] }));
  });
}
