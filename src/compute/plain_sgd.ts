import type { SgdSpec } from "#train/optimizer.ts";
import type { LearnerOptions } from "./device.ts";

/**
 * The optimizer of a device that knows SGD alone, without groups, clipping by value, averages and norms of gradients.
 *
 * @throws {TypeError} for any of these: nothing that was asked for is left out in silence.
 */
export function plainSgd(
  { optimizer, averages = [], gradientNorms = false }: LearnerOptions,
  device: string,
): SgdSpec {
  const unknown = [
    ...(optimizer.name === "sgd" ? [] : [`optimizer ${optimizer.name}`]),
    ...(optimizer.groups?.length ? ["parameter groups"] : []),
    ...(optimizer.clip_value == null ? [] : ["clip_value"]),
    ...(averages.length ? ["averages of the weights"] : []),
    ...(gradientNorms ? ["norms of gradients"] : []),
  ];
  if (optimizer.name !== "sgd" || unknown.length > 0) {
    throw new TypeError(`The ${device} device does not know ${unknown.join(", ")} yet: take --backend wasm`);
  }
  return optimizer;
}
