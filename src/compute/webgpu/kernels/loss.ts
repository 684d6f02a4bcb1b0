import { type Kernel, kernel } from "../kernel.ts";

/** Words of the batch description per image: its number, and how it is moved. */
export const ITEM_WORDS = 2;

/**
 * `(logits [batch, classes], items [batch, 2], labels) → results [batch, 2]`. A result is the image's cross-entropy in
 * nats, log Σ exp(l) − l[label] with the largest logit subtracted first, and 1 where the first largest logit is the
 * label's. Labels are looked up by the number of the image, the first word of its item.
 */
export function crossEntropy(batch: number, classes: number): Kernel {
  return kernel({
    name: `cross_entropy ${classes}`,
    reads: { logits: "f32", items: "u32", labels: "u32" },
    writes: { results: "f32" },
    sizes: { invocations: batch, rows: batch },
    body: `${softmax(classes)}
  results[2 * index] = log(sum) + largest - logits[first + label];
  results[2 * index + 1] = select(0.0, 1.0, best == label);`,
  });
}

/** `(logits, items, labels, controls) → dlogits = (softmax − one-hot) / images`, the images of the whole update. */
export function crossEntropyGradient(batch: number, classes: number): Kernel {
  return kernel({
    name: `cross_entropy_gradient ${classes}`,
    reads: { logits: "f32", items: "u32", labels: "u32", controls: "f32" },
    writes: { dlogits: "f32" },
    sizes: { invocations: batch, rows: batch },
    body: `${softmax(classes)}
  for (var class_ = 0; class_ < ${classes}; class_++) {
    let share = exp(logits[first + class_] - largest) / sum;
    dlogits[first + class_] = (share - select(0.0, 1.0, class_ == label)) / controls[3];
  }`,
  });
}

/** Of one image: its label, its first largest logit and the sum of exponentials. */
function softmax(classes: number): string {
  return `let first = index * ${classes};
  let label = i32(labels[items[index * ${ITEM_WORDS}]]);
  var largest = logits[first];
  var best = 0;
  for (var class_ = 1; class_ < ${classes}; class_++) {
    let value = logits[first + class_];
    if (value > largest) { largest = value; best = class_; }
  }
  var sum = 0.0;
  for (var class_ = 0; class_ < ${classes}; class_++) { sum = sum + exp(logits[first + class_] - largest); }`;
}

/** `(results [batch, 2], controls) → loss`: their sum over the images of the whole update. */
export function sumLosses(batch: number): Kernel {
  return kernel({
    name: "sum_losses",
    reads: { results: "f32", controls: "f32" },
    writes: { loss: "f32" },
    sizes: { invocations: 1, rows: batch },
    body: `var sum = 0.0;
  for (var item = 0; item < sizes.rows; item++) { sum = sum + results[2 * item]; }
  loss[index] = sum / controls[3];`,
  });
}

/** Values a logged update takes: loss, rate, momentum, norm of the gradient. */
export const LOG_VALUES = 4;

/**
 * `(loss, norms, controls) → log`: appends an update. Rate and momentum are read from the controls that the update
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
