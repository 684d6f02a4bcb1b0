import { join } from "node:path";
import { GPU_MODELS } from "./gpu.ts";
import {
  type ConformanceFigures,
  conformanceFigures,
  conformanceTests,
  readLines,
} from "./hardware_conformance.ts";
import type { Limited } from "./limited.ts";
import type { ProfileFigures } from "./profile.ts";
import type { StepFigures } from "./step.ts";
import type { TogetherFigures } from "./together.ts";

/** The figures of a part, plain data. */
export type PartFigures =
  | { readonly kind: "machine"; readonly figures: MachineFigures }
  | { readonly kind: "conformance"; readonly figures: ConformanceFigures }
  | { readonly kind: "step"; readonly figures: StepFigures & { readonly profile?: ProfileFigures } }
  | { readonly kind: "together"; readonly figures: TogetherFigures }
  | { readonly kind: "exercise"; readonly figures: ExerciseFigures };

/** A part of `bench hardware`: a process of its own, so that one that crashes takes no other with it. */
export interface Part {
  readonly name: string;
  /** Arguments of deno. */
  readonly args: readonly string[];
  /** Its share of the whole time at most; `null` for what the others leave. */
  readonly share: number | null;
  readonly env?: Readonly<Record<string, string>>;
  /** True where it answers SIGTERM with what it has. */
  readonly stopsWell?: boolean;
  /** From what it wrote. @throws {Error} where it wrote something else. */
  figures(written: Limited): PartFigures;
}

export interface PartsOptions {
  /** Folder of what is written. */
  readonly out: string;
  /** Sizes that a software adapter can do in minutes. */
  readonly small: boolean;
  readonly jobs: number;
  /** When it began, ISO 8601. */
  readonly at: string;
}

/** Networks of which several runs train at once: small ones, which leave most of a GPU idle, and a larger one. */
const TOGETHER = [
  { model: "cnn-tiny", size: 16, batch: 16 },
  { model: "gpt-tiny", size: 32, batch: 16 },
  { model: "cnn-small", size: 32, batch: 64 },
];

/** The measurements in order: the most important first, and the exercise takes the time that is left. */
export function partsOf({ out, small, jobs, at }: PartsOptions): readonly Part[] {
  const sizes = small
    ? {
      batch: 4,
      steps: 2,
      rounds: 1,
      models: [{ model: "cnn-tiny", size: 16 }, { model: "gpt-tiny", size: 32 }],
      together: { models: TOGETHER.slice(0, 1), runs: 2 },
      profile: "quick",
    }
    : {
      batch: 128,
      steps: 200,
      rounds: 5,
      models: GPU_MODELS,
      together: { models: TOGETHER, runs: 16 },
      profile: "full",
    };
  const { models, together } = sizes;
  const errors = join(out, "errors.jsonl");
  const step = (
    { model, size }: { readonly model: string; readonly size: number },
    ...more: readonly string[]
  ) =>
    lab("step", [
      ...["bench", "step", "--backend", "webgpu", "--model", model, "--size", `${size}`],
      ...["--batch", `${sizes.batch}`, "--steps", `${sizes.steps}`, "--rounds", `${sizes.rounds}`, ...more],
    ]);
  return [
    { name: "machine", share: 0.05, ...lab("machine", ["doctor"]) },
    {
      name: "conformance",
      share: 0.25,
      args: ["test", "--no-check", "--allow-all", "--lock=deno.lock", ...conformanceTests(small)],
      env: { LR_LAB_ERRORS: errors },
      figures: ({ stdout }) => ({
        kind: "conformance",
        figures: conformanceFigures(stdout, readLines(errors)),
      }),
    },
    ...models.map((model) => ({
      name: `${model.model} beside PyTorch`,
      share: 0.25 / models.length,
      ...step(model, "--peer-device", "cuda"),
    })),
    ...models.map((model) => ({
      name: `profile of ${model.model}`,
      share: 0.15 / models.length,
      ...step(model, "--no-peer", "--profile"),
    })),
    ...together.models.map(({ model, size, batch }) => ({
      name: `several runs at once, ${model}`,
      share: 0.15 / together.models.length,
      ...lab("together", [
        ...["bench", "together", "--model", model, "--size", `${size}`, "--batch", `${batch}`],
        ...["--runs", `${together.runs}`, "--steps", `${sizes.steps}`, "--rounds", `${sizes.rounds}`],
      ]),
    })),
    {
      name: "exercise 1",
      share: null,
      stopsWell: true,
      ...lab("exercise", [
        ...[
          "exercise",
          "1",
          "--backend",
          "webgpu",
          "--jobs",
          `${jobs}`,
          "--out",
          join(out, `exercise-${at.replaceAll(":", "")}`),
        ],
        ...["--profile", sizes.profile, "--fresh"],
      ]),
    },
  ];
}

/** A command of the lab that writes its figures as JSON. */
function lab(kind: PartFigures["kind"], command: readonly string[]): Pick<Part, "args" | "figures"> {
  return {
    args: ["run", "--no-check", "--allow-all", "--lock=deno.lock", "main.ts", ...command, "--format", "json"],
    figures: ({ stdout }) => ({ kind, figures: JSON.parse(stdout) }),
  };
}

/** The parts of `doctor --format json` that this report shows. */
export interface MachineFigures {
  /** `null` where WebGPU cannot be used. */
  readonly webgpu: { readonly name: string; readonly driver: string; readonly software: boolean } | null;
}

/** The parts of `exercise --format json` that this report shows. */
export interface ExerciseFigures {
  /** False where it was stopped before its end. */
  readonly complete: boolean;
  readonly arms: readonly { readonly name: string; readonly runs: readonly { readonly seed: number }[] }[];
}
