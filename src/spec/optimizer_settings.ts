import { entryOf, type OptimizerSpec } from "#train/optimizer.ts";

/** An optimizer's own setting, for a sentence: `momentum` 0.9; a switch is there where it is on, by its label alone. */
export type OptimizerSetting =
  | { readonly kind: "numbers"; readonly key: string; readonly values: readonly number[] }
  | { readonly kind: "switch"; readonly label: string };

/** The settings of an optimizer's own, in the order of its entry, without those that every optimizer has. */
export function optimizerSettings(optimizer: OptimizerSpec): OptimizerSetting[] {
  const values: Readonly<Record<string, unknown>> = { ...optimizer };
  return Object.entries(entryOf(optimizer).params).flatMap(([key, param]): OptimizerSetting[] => {
    if (param.kind === "boolean") return values[key] === true ? [{ kind: "switch", label: param.label }] : [];
    return [{ kind: "numbers", key, values: [values[key]].flat() as number[] }];
  });
}

/** True for decoupled weight decay, which shrinks the weights beside the step instead of adding to the gradient. */
export function decouplesDecay(optimizer: OptimizerSpec): boolean {
  return entryOf(optimizer).decay === "decoupled";
}
