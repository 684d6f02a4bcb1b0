import { benchStep, type StepFigures } from "./step.ts";

/** Models of the table, with the most that a step may take through that of PyTorch, eager, on the same GPU. */
export const GPU_GOALS: Readonly<Record<string, number>> = { "cnn-small": 1.0, "resnet-20": 1.5 };

export interface GpuFigures extends StepFigures {
  /** Most that `ratio` should be. */
  readonly goal: number;
}

export interface GpuOptions {
  readonly batch: number;
  readonly steps: number;
  readonly rounds: number;
}

/** Steps on the GPU through WebGPU beside PyTorch on the same GPU, in alternation, model by model. */
export async function benchGpu(options: GpuOptions, note: (text: string) => void): Promise<GpuFigures[]> {
  const figures: GpuFigures[] = [];
  for (const [model, goal] of Object.entries(GPU_GOALS)) {
    note(`${model}\n`);
    const peer = { kind: "pytorch", threads: 2, device: "cuda" } as const;
    const step = await benchStep({
      ...options,
      size: 32,
      backend: "webgpu",
      model,
      threads: 1,
      runs: 1,
      peer,
    }, note);
    figures.push({ ...step, goal });
  }
  return figures;
}
