import { benchStep, type StepFigures } from "./step.ts";

/** A model of the table. */
export interface GpuModel {
  readonly model: string;
  /** Height and width of its images, or tokens of its windows. */
  readonly size: number;
  /** The most that a step should take through that of PyTorch, eager, on the same GPU; `null` for none set. */
  readonly goal: number | null;
}

export const GPU_MODELS: readonly GpuModel[] = [
  { model: "cnn-small", size: 32, goal: 1.0 },
  { model: "resnet-20", size: 32, goal: 1.5 },
  { model: "gpt-small", size: 128, goal: null },
  { model: "vit-small", size: 32, goal: null },
];

export interface GpuFigures extends StepFigures {
  /** Most that `ratio` should be; `null` for none set. */
  readonly goal: number | null;
}

export interface GpuOptions {
  readonly batch: number;
  readonly steps: number;
  readonly rounds: number;
}

/** Steps on the GPU through WebGPU beside PyTorch on the same GPU, in alternation, model by model. */
export async function benchGpu(options: GpuOptions, note: (text: string) => void): Promise<GpuFigures[]> {
  const figures: GpuFigures[] = [];
  for (const { model, size, goal } of GPU_MODELS) {
    note(`${model}\n`);
    const peer = { kind: "pytorch", threads: 2, device: "cuda" } as const;
    const step = await benchStep({
      ...options,
      size,
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
