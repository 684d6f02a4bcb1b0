import type { Learner, LearnerState, OptimizerSpec, PlainLearner } from "#train/learner.ts";
import type { LossSpec } from "#train/loss.ts";
import type { TrainingData } from "#train/data.ts";
import type { Model } from "./model.ts";

export const BACKENDS = ["webgpu", "wasm", "cpu"] as const;
export type Backend = typeof BACKENDS[number];
export type BackendChoice = "auto" | Backend;

/** The device of a run in words, as a record has it. Plain data. */
export interface DeviceInfo {
  readonly backend: Backend;
  /** `NVIDIA H100`, `llvmpipe (software)`, `WASM, relaxed SIMD` … */
  readonly name: string;
  /** Driver, limits or engine, one line. */
  readonly detail: string;
  /** Why no better device was taken; empty when this is the best or was asked for. */
  readonly why: string;
}

export interface LearnerOptions {
  readonly model: Model;
  readonly optimizer: OptimizerSpec;
  /** The training loss; absent is plain cross-entropy. Evaluations always report that. */
  readonly loss?: LossSpec;
  readonly data: TrainingData;
  /** Images that go through the network at a time: `update` takes a larger batch in parts. */
  readonly batchSize: number;
  /** Seed of the dropout masks; absent is 0. */
  readonly dropoutSeed?: number;
  /** Names of the averages of weights that `average` will move; absent for none. */
  readonly averages?: readonly string[];
  /** True: steps report the norm of their gradient. Absent is false, and costs nothing. */
  readonly gradientNorms?: boolean;
  /** Initial weights, by name; the same on every device. */
  readonly initial: LearnerState;
}

/** A device that does the least that trains: one that checks others. */
export interface PlainDevice extends Disposable {
  readonly info: DeviceInfo;
  createLearner(options: LearnerOptions): Promise<PlainLearner>;
}

export interface Device extends PlainDevice {
  createLearner(options: LearnerOptions): Promise<Learner>;
}
