import { checkDropoutRate, dropoutFactors, type DropoutLayer } from "../dropout_mask.ts";
import type { LayerEntry } from "./entry.ts";

/** Dropout while training; see `dropout_mask.ts`. Inference, and training without a mask, drop nothing. */
export const dropout: LayerEntry<DropoutLayer> = {
  kind: "dropout",
  description:
    "each unit set to 0 with a probability while training, the others scaled up (Srivastava et al., 2014)",
  outputShape(layer, input) {
    checkDropoutRate(layer);
    return input;
  },
  dropout: (layer) => layer,
  apply(layer, input, shape, { dropoutMask }) {
    if (!dropoutMask) return { output: input, backward: (gradient) => gradient };
    const factors = dropoutFactors(layer, dropoutMask, shape[0]!, input.length / shape[0]!);
    const apply = (values: Float64Array) => values.map((value, index) => value * factors[index]!);
    return { output: apply(input), backward: apply };
  },
};
