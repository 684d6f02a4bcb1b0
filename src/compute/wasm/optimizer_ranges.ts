import type { LearnerOptions } from "../device.ts";
import { groupsOf } from "../groups.ts";
import { isHiddenKernel } from "../parameters.ts";
import type { Stepped } from "./optimizer_kernels.ts";
import { paddedFloats } from "./plan.ts";

/** A tensor, or neighbouring ones that share rate and decay, as bytes from the start of the arrays and a number of floats. */
export interface Range extends Omit<Stepped, "scratch"> {
  readonly group: number;
  readonly offset: number;
  readonly floats: number;
}

/** The trainable parameters in the layout of the plan; neighbours of a group together, unless each tensor is asked for. */
export function rangesOf({ model, optimizer }: LearnerOptions, perTensor: boolean): Range[] {
  const ranges: Range[] = [];
  let offset = 0;
  for (const { parameter, group } of groupsOf(model, optimizer.groups)) {
    const floats = paddedFloats(parameter.shape);
    const last = ranges.at(-1);
    const decay = optimizer.groups?.[group]?.weight_decay ?? optimizer.weight_decay;
    if (!perTensor && last?.group === group) {
      ranges[ranges.length - 1] = { ...last, floats: last.floats + floats, shape: null };
    } else {
      ranges.push({
        group,
        offset,
        floats,
        decay,
        shape: parameter.shape,
        hidden: isHiddenKernel(model, parameter),
      });
    }
    offset += floats * 4;
  }
  return ranges;
}
