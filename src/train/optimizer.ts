import type { ScheduleSpec } from "#schedules/schedule.ts";
import { OPTIMIZERS } from "./optimizers/catalog.ts";
import type { OptimizerEntry, OptimizerParams, SettingsOf } from "./optimizers/entry.ts";

/** The keys that every optimizer has beside its own. An alias, so that a spec is a record of values too. */
export type OptimizerCommon = {
  /** Times the weight: added to the gradient, or with decoupled decay taken off the weight; see the optimizer's entry. For
   * every trainable parameter whose group does not say otherwise. */
  readonly weight_decay: number;
  /** Bound on the global norm of the mean gradient over all parameters that are not frozen, before weight decay;
   * `null` for none. As torch.nn.utils.clip_grad_norm_. */
  readonly clip_norm: number | null;
  /** Bound on each component of the gradient, before `clip_norm`; absent or `null` for none. */
  readonly clip_value?: number | null | undefined;
  /** True: slots go back to zero at each warm restart. */
  readonly reset_at_restart?: boolean | undefined;
  /** A parameter belongs to the first group whose pattern fits its name, or to none. */
  readonly groups?: readonly ParameterGroup[] | undefined;
};

export interface ParameterGroup {
  /** A parameter's name, with `*` for any characters: `conv1/*`, `norm*`, `*bias`. */
  readonly match: string;
  /** Multiplies the schedule's rate; absent is 1. */
  readonly lr_factor?: number | undefined;
  /** A schedule of its own instead of the run's; `lr_factor` applies to it too. */
  readonly schedule?: ScheduleSpec | null | undefined;
  readonly weight_decay?: number | null | undefined;
  /** A duration from the run's start until which the group is frozen: no gradient, no decay, no slot moves. */
  readonly frozen_until?: string | null | undefined;
  /** A duration from the run's start from which on it is frozen. */
  readonly frozen_from?: string | null | undefined;
}

type SpecOf<E> = E extends OptimizerEntry<infer N, infer P>
  ? { readonly name: N } & SettingsOf<P> & OptimizerCommon
  : never;

/** An optimizer's constants; rate and momentum come with every step. Keys are PyTorch's. */
export type OptimizerSpec = SpecOf<typeof OPTIMIZERS[number]>;
export type OptimizerName = OptimizerSpec["name"];
/** The spec of one optimizer. */
export type SpecNamed<N extends OptimizerName> = Extract<OptimizerSpec, { readonly name: N }>;

/** The entry of a spec's optimizer. @throws {RangeError} for a name that is not in the catalogue. */
export function entryOf(
  { name }: Pick<OptimizerSpec, "name">,
): OptimizerEntry<OptimizerName, OptimizerParams, OptimizerSpec> {
  const entry = OPTIMIZERS.find((each) => each.name === name);
  if (!entry) {
    const known = OPTIMIZERS.map((each) => each.name).join(", ");
    throw new RangeError(`Unknown optimizer ${JSON.stringify(name)}; allowed: ${known}`);
  }
  return entry as OptimizerEntry<OptimizerName, OptimizerParams, OptimizerSpec>;
}

/** The momentum (SGD, RMSProp) or first beta (Adam) that steps take where no schedule moves it. */
export function momentumOf(optimizer: OptimizerSpec): number {
  return entryOf(optimizer).momentum.of(optimizer);
}

/** An optimizer with the settings that a spec has where it says nothing. */
export function usualOptimizer(name: OptimizerName): OptimizerSpec {
  const { params, weightDecay } = entryOf({ name });
  const own = Object.entries(params).map(([key, param]) => [key, param.default] as const);
  // The type of a spec is derived from the same entries.
  return { name, ...Object.fromEntries(own), weight_decay: weightDecay, clip_norm: null } as OptimizerSpec;
}
