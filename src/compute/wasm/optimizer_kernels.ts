import { entryOf, type OptimizerName, type OptimizerSpec, type SpecNamed } from "#train/optimizer.ts";
import type { Scalars } from "#train/optimizers/entry.ts";
import { matrixShape, muonScale } from "#train/optimizers/muon.ts";
import { missingKernel } from "../missing_kernel.ts";

/** Every kernel that an optimizer takes. */
export const OPTIMIZER_KERNEL_NAMES = [
  "sgdUpdate",
  "adamUpdate",
  "rmspropUpdate",
  "lionUpdate",
  "lambUpdate",
  "scheduleFreeSgdUpdate",
  "scheduleFreeAdamwUpdate",
  "prodigySums",
  "prodigyUpdate",
  "muonUpdate",
  "secondaryAdamUpdate",
] as const;
export type OptimizerKernelName = typeof OPTIMIZER_KERNEL_NAMES[number];

/** The parameters of one call: several that share rate and decay, or one tensor, which alone has a shape. */
export interface Stepped {
  readonly shape: readonly number[] | null;
  /** True for the kernel of a hidden layer. */
  readonly hidden: boolean;
  /** Effective, of the group. */
  readonly decay: number;
  /** Address of the kernel's working memory; 0 for none. */
  readonly scratch: number;
}

/** Numbers of a step, from which a kernel gets its values; `constants` are those of the optimizer's entry. */
export interface StepNumbers {
  readonly constants: readonly number[];
  readonly scalars: { readonly before: Scalars; readonly after: Scalars };
}

/** An optimizer's kernel: `kernels/` exports it. Each takes, in this order:
 *
 *     weights, gradients, slots …, floats, controls, applied, scale, decay, the values of `values`
 *
 * One of sums takes the same, with the address of its float64 sums in place of `applied`.
 */
interface OptimizerKernel<S> {
  readonly kernel: OptimizerKernelName | ((stepped: Stepped) => OptimizerKernelName);
  /** True: one call for each tensor. */
  readonly perTensor?: boolean;
  /** Floats of working memory for a tensor. Absent: none. */
  readonly scratchFloats?: (shape: readonly number[]) => number;
  /** The kernel that adds up the sums which shared scalars follow from. */
  readonly sums?: OptimizerKernelName;
  readonly values: (settings: S, numbers: StepNumbers, stepped: Stepped) => readonly number[];
}

/** By the optimizer's name. */
const OPTIMIZER_KERNELS = {
  sgd: { kernel: "sgdUpdate", values: ({ nesterov }: SpecNamed<"sgd">) => [Number(nesterov)] },
  adam: {
    kernel: "adamUpdate",
    values: ({ betas, eps }: SpecNamed<"adam">, { constants }: StepNumbers) => [
      0,
      1 - betas[1],
      ...constants,
      eps,
    ],
  },
  adamw: {
    kernel: "adamUpdate",
    values: ({ betas, eps }: SpecNamed<"adamw">, { constants }: StepNumbers) => [
      1,
      1 - betas[1],
      ...constants,
      eps,
    ],
  },
  rmsprop: { kernel: "rmspropUpdate", values: ({ alpha, eps }: SpecNamed<"rmsprop">) => [1 - alpha, eps] },
  lion: { kernel: "lionUpdate", values: ({ betas }: SpecNamed<"lion">) => [1 - betas[1]] },
  lamb: {
    kernel: "lambUpdate",
    perTensor: true,
    values: (
      { betas, eps, always_adapt }: SpecNamed<"lamb">,
      { constants }: StepNumbers,
      { decay }: Stepped,
    ) => [Number(always_adapt || decay > 0), 1 - betas[1], ...constants, eps],
  },
  schedule_free_sgd: {
    kernel: "scheduleFreeSgdUpdate",
    values: (_: SpecNamed<"schedule_free_sgd">, { constants }: StepNumbers) => constants,
  },
  schedule_free_adamw: {
    kernel: "scheduleFreeAdamwUpdate",
    values: ({ betas, eps }: SpecNamed<"schedule_free_adamw">, { constants }: StepNumbers) => [
      ...constants,
      1 - betas[1],
      eps,
    ],
  },
  prodigy: {
    kernel: "prodigyUpdate",
    sums: "prodigySums",
    values: (
      { betas, eps, d0, safeguard_warmup }: SpecNamed<"prodigy">,
      { constants, scalars: { before, after } }: StepNumbers,
    ) => {
      const d = before.d! || d0;
      const kept = Math.sqrt(betas[1]);
      return [d, after.d!, d / d0, kept, 1 - betas[1], ...constants, Number(safeguard_warmup), eps];
    },
  },
  muon: {
    kernel: ({ hidden }: Stepped) => hidden ? "muonUpdate" : "secondaryAdamUpdate",
    perTensor: true,
    scratchFloats: (shape: readonly number[]) => {
      const [short, long] = matrixShape(shape).map((size) => Math.ceil(size / 8) * 8).sort((a, b) => a - b);
      return 2 * short! * (short! + long!);
    },
    values: (
      { nesterov, adamw_lr_ratio, betas, eps }: SpecNamed<"muon">,
      { constants }: StepNumbers,
      { shape, hidden, scratch }: Stepped,
    ) =>
      hidden
        ? [Number(nesterov), ...matrixShape(shape!), muonScale(shape!), scratch]
        : [adamw_lr_ratio, 1 - betas[0], 1 - betas[1], ...constants, eps],
  },
} as const satisfies { readonly [N in OptimizerName]?: OptimizerKernel<SpecNamed<N>> };

/** The kernel of a spec's optimizer. @throws {TypeError} where there is none. */
export function optimizerKernel(optimizer: OptimizerSpec): OptimizerKernel<OptimizerSpec> {
  const { name } = entryOf(optimizer);
  const known: { readonly [N in OptimizerName]?: OptimizerKernel<never> } = OPTIMIZER_KERNELS;
  const found = known[name];
  if (!found) throw missingKernel("WASM", "optimizer", name, Object.keys(known));
  return found as OptimizerKernel<OptimizerSpec>;
}
