import { entryOf, type OptimizerName, type OptimizerSpec, type SpecNamed } from "#train/optimizer.ts";
import { missingKernel } from "../missing_kernel.ts";

/** An optimizer's kernel: `kernels/optimizer.ts` exports it. Each takes, in this order:
 *
 *     weights, gradients, slots …, floats, controls, applied, scale, decay, the values of `values`
 */
interface OptimizerKernel<S> {
  readonly kernel: string;
  /** `constants`: those of the optimizer's entry. */
  readonly values: (settings: S, constants: readonly number[]) => readonly number[];
}

/** By the optimizer's name. */
export const OPTIMIZER_KERNELS = {
  sgd: { kernel: "sgdUpdate", values: ({ nesterov }: SpecNamed<"sgd">) => [Number(nesterov)] },
  adam: {
    kernel: "adamUpdate",
    values: ({ betas, eps }: SpecNamed<"adam">, constants: readonly number[]) => [
      0,
      1 - betas[1],
      ...constants,
      eps,
    ],
  },
  adamw: {
    kernel: "adamUpdate",
    values: ({ betas, eps }: SpecNamed<"adamw">, constants: readonly number[]) => [
      1,
      1 - betas[1],
      ...constants,
      eps,
    ],
  },
  rmsprop: { kernel: "rmspropUpdate", values: ({ alpha, eps }: SpecNamed<"rmsprop">) => [1 - alpha, eps] },
} as const satisfies { readonly [N in OptimizerName]?: OptimizerKernel<SpecNamed<N>> };

export type OptimizerKernelName = typeof OPTIMIZER_KERNELS[keyof typeof OPTIMIZER_KERNELS]["kernel"];

/** The kernel of a spec's optimizer. @throws {TypeError} where there is none. */
export function optimizerKernel(
  optimizer: OptimizerSpec,
): OptimizerKernel<OptimizerSpec> & { readonly kernel: OptimizerKernelName } {
  const { name } = entryOf(optimizer);
  const known: { readonly [N in OptimizerName]?: OptimizerKernel<never> } = OPTIMIZER_KERNELS;
  const found = known[name];
  if (!found) throw missingKernel("WASM", "optimizer", name, Object.keys(known));
  return found as OptimizerKernel<OptimizerSpec> & { readonly kernel: OptimizerKernelName };
}
