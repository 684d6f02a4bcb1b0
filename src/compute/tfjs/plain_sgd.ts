import { CROSS_ENTROPY, isPlain } from "#train/loss.ts";
import type { SpecNamed } from "#train/optimizer.ts";
import type { LearnerOptions } from "../device.ts";
import { dropoutsOf } from "../dropout_layers.ts";

/**
 * The optimizer of a learner by tfjs, which knows no more than SGD with weight decay and a bound on the gradient's norm.
 *
 * @throws {TypeError} for anything else: nothing that was asked for is left out in silence.
 */
export function plainSgd(
  { model, optimizer, averages = [], gradientNorms = false, loss = CROSS_ENTROPY }: LearnerOptions,
): SpecNamed<"sgd"> {
  const unknown = [
    ...(dropoutsOf(model.layers).length ? ["dropout"] : []),
    ...(optimizer.name === "sgd" ? [] : [`optimizer ${optimizer.name}`]),
    ...(optimizer.groups?.length ? ["parameter groups"] : []),
    ...(optimizer.clip_value == null ? [] : ["clip_value"]),
    ...(averages.length ? ["averages of the weights"] : []),
    ...(isPlain(loss) ? [] : [`a loss other than plain cross-entropy (${loss.name})`]),
    ...(gradientNorms ? ["norms of gradients"] : []),
  ];
  if (optimizer.name === "sgd" && unknown.length === 0) return optimizer;
  throw new TypeError(
    `The tfjs device trains by SGD with momentum, Nesterov, weight_decay and clip_norm, but not: ` +
      `${unknown.join(", ")}; take --backend wasm`,
  );
}
