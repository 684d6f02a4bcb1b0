import { dropoutFactors, type DropoutLayer } from "../dropout_mask.ts";
import type { LayerEntry } from "./entry.ts";

/** Dropout while training; see `dropout_mask.ts`. Inference, and training without a mask, drop nothing. */
export const dropout: LayerEntry<DropoutLayer> = {
  kind: "dropout",
  description:
    "each unit set to 0 with a probability while training, the others scaled up (Srivastava et al., 2014)",
  outputShape({ name, rate }, input) {
    if (rate >= 0 && rate < 1) return input;
    throw new RangeError(`Layer ${name} drops a share of ${rate}: expected 0 to below 1`);
  },
  apply(layer, input, shape, { dropoutMask }) {
    if (!dropoutMask) return { output: input, backward: (gradient) => gradient };
    const factors = dropoutFactors(layer, dropoutMask, shape[0]!, input.length / shape[0]!);
    const apply = (values: Float64Array) => values.map((value, index) => value * factors[index]!);
    return { output: apply(input), backward: apply };
  },
};
