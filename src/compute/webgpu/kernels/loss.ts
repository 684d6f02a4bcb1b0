import { type LabelLossSpec, lossFactors } from "#train/loss.ts";
import { float, type Kernel, kernel } from "../kernel.ts";

/** Words of the batch description per image: its number, and how it is moved. */
export const ITEM_WORDS = 2;

/** Rows of logits: `batch` images, each with a row for each of its labels. */
export interface LabelRows {
  readonly batch: number;
  /** Labels of an image. */
  readonly each: number;
  readonly classes: number;
}

/**
 * `(logits [rows, classes], items [batch, 2], labels) → results [rows, 2]`. A result is the row's loss in nats, with
 * the largest logit subtracted first, and 1 where the first largest logit is the label's. Labels are looked up by the
 * number of the image, the first word of its item, and lie four to a word, first in the lowest byte.
 */
export function softmaxLoss(rows: LabelRows, loss: LabelLossSpec): Kernel {
  const { classes } = rows;
  return kernel({
    name: `${loss.name} ${rowsName(rows)}`,
    reads: { logits: "f32", items: "u32", labels: "u32" },
    writes: { results: "f32" },
    sizes: { invocations: rows.batch * rows.each, rows: rows.batch },
    body: `${softmax(rows)}
  ${value(classes, loss)}
  results[2 * index] = ${loss.name === "focal" ? "weight * entropy" : "entropy"};
  results[2 * index + 1] = select(0.0, 1.0, best == label);`,
  });
}

/** `(logits, items, labels, controls) → dlogits`: the loss's gradient / rows, those of the images of the whole step. */
export function softmaxLossGradient(rows: LabelRows, loss: LabelLossSpec): Kernel {
  const { classes, each } = rows;
  const { smoothing } = lossFactors(loss);
  const spread = smoothing / classes;
  return kernel({
    name: `${loss.name}_gradient ${rowsName(rows)}`,
    reads: { logits: "f32", items: "u32", labels: "u32", controls: "f32" },
    writes: { dlogits: "f32" },
    sizes: { invocations: rows.batch * each, rows: rows.batch },
    body: `${softmax(rows)}
  ${loss.name === "focal" ? value(classes, loss) : "let slope = 1.0;"}
  for (var class_ = 0; class_ < ${classes}; class_++) {
    let share = exp(logits[first + class_] - largest) / sum;
    let goal = select(${float(spread)}, ${float(1 - smoothing + spread)}, class_ == label);
    dlogits[first + class_] = (share - goal) * slope / ${rowsOfStep(each)};
  }`,
  });
}

/**
 * Of one row: `entropy`, −ln p or its mean over the smoothed target; for focal loss also (1 − p)^γ and the slope as a
 * multiple of cross-entropy's. 1 − p is a sum of its own, which keeps its digits where p is nearly 1.
 */
function value(classes: number, loss: LabelLossSpec): string {
  const { smoothing, gamma } = lossFactors(loss);
  if (loss.name === "focal") {
    return `let entropy = log(sum) + largest - logits[first + label];
  var others = 0.0;
  for (var class_ = 0; class_ < ${classes}; class_++) {
    if (class_ != label) { others = others + exp(logits[first + class_] - largest); }
  }
  let rest = others / sum;
  var weight = 0.0;
  var slope = 0.0;
  if (rest > 0.0) {
    weight = pow(rest, ${float(gamma)});
    slope = weight * (1.0 + ${float(gamma)} * (1.0 - rest) * entropy / rest);
  }
  if (rest != rest) { weight = rest; slope = rest; }`;
  }
  if (smoothing === 0) return "let entropy = log(sum) + largest - logits[first + label];";
  return `var mean = 0.0;
  for (var class_ = 0; class_ < ${classes}; class_++) { mean = mean + logits[first + class_] / ${
    float(classes)
  }; }
  let entropy = log(sum) + largest - ${float(1 - smoothing)} * logits[first + label] - ${
    float(smoothing)
  } * mean;`;
}

const rowsName = ({ classes, each }: LabelRows) => each === 1 ? `${classes}` : `${each}×${classes}`;

/** Rows of the whole step, whose images are `controls[3]`. */
function rowsOfStep(each: number): string {
  return each === 1 ? "controls[3]" : `(controls[3] * ${float(each)})`;
}

/** Of one row: its label, its first largest logit and the sum of exponentials. */
function softmax({ classes, each }: LabelRows): string {
  return `let first = index * ${classes};
  let place = i32(items[index / ${each} * ${ITEM_WORDS}]) * ${each} + index % ${each};
  let label = i32((labels[place / 4] >> (8u * u32(place % 4))) & 255u);
  var largest = logits[first];
  var best = 0;
  for (var class_ = 1; class_ < ${classes}; class_++) {
    let value = logits[first + class_];
    if (value > largest) { largest = value; best = class_; }
  }
  var sum = 0.0;
  for (var class_ = 0; class_ < ${classes}; class_++) { sum = sum + exp(logits[first + class_] - largest); }`;
}

/** `(results [rows, 2], controls) → loss`: their sum over the rows of the whole step, of images with `each` of them. */
export function sumLosses(rows: number, each: number): Kernel {
  return kernel({
    name: each === 1 ? "sum_losses" : `sum_losses ${each}`,
    reads: { results: "f32", controls: "f32" },
    writes: { loss: "f32" },
    sizes: { invocations: 1, rows },
    body: `var sum = 0.0;
  for (var item = 0; item < sizes.rows; item++) { sum = sum + results[2 * item]; }
  loss[index] = sum / ${rowsOfStep(each)};`,
  });
}

/** Values of a logged step: loss, rate, momentum, norm of the gradient. */
export const LOG_VALUES = 4;

/**
 * `(loss, norms, controls) → log`: appends a step. Rate and momentum are read from the controls that the step
 * itself reads; `controls[2]` is the place in the log.
 */
export function logUpdate(): Kernel {
  return kernel({
    name: "log_update",
    reads: { loss: "f32", norms: "f32", controls: "f32" },
    writes: { log: "f32" },
    sizes: { invocations: 1 },
    body: `let place = i32(controls[2]) * ${LOG_VALUES} + index;
  log[place] = loss[0];
  log[place + 1] = controls[0];
  log[place + 2] = controls[1];
  log[place + 3] = norms[0];`,
  });
}
