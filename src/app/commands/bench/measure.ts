import type { StepOptions } from "#bench/step.ts";
import { assertNever } from "#lib/assert_never.ts";
import type { CommandIo } from "../../io.ts";
import { unlessMissing } from "../../storage/missing.ts";
import { writeAtomic } from "../../storage/write.ts";
import {
  dataText,
  gpuText,
  kernelsText,
  profileText,
  startupText,
  stepText,
  togetherText,
  toolkitText,
} from "./text.ts";

export const SUBJECTS = [
  "kernels",
  "step",
  "gpu",
  "together",
  "toolkit",
  "startup",
  "data",
  "hardware",
] as const;
export type Subject = typeof SUBJECTS[number];

/** Runs at once up to which `bench together` goes. */
const MOST_TOGETHER = 16;

/** What was measured, for a reader and for a program. */
interface Measured {
  readonly text: string;
  readonly figures: unknown;
}

/** Options of all subjects. */
export interface MeasureOptions extends StepOptions {
  readonly profile: boolean;
  readonly dataDir?: string | undefined;
  readonly out: string;
  readonly minutes: number;
  readonly jobs: number;
  readonly small: boolean;
}

/** Measures one subject. */
export async function measure(
  what: Subject,
  options: MeasureOptions,
  io: CommandIo,
): Promise<Measured> {
  switch (what) {
    case "kernels": {
      const { model, size, batch, rounds } = options;
      const report = (await import("#bench/kernels.ts")).benchKernels(model, size, batch, rounds);
      return { text: kernelsText(report), figures: report };
    }
    case "step": {
      const figures = await (await import("#bench/step.ts")).benchStep(options, io.stderr);
      if (!options.profile) return { text: stepText(figures), figures };
      const profile = await (await import("#bench/profile.ts")).benchProfile(options);
      return { text: stepText(figures) + "\n" + profileText(profile), figures: { ...figures, profile } };
    }
    case "gpu": {
      const figures = await (await import("#bench/gpu.ts")).benchGpu(options, io.stderr);
      return { text: gpuText(figures), figures };
    }
    case "together": {
      const runs = options.runs === 1 ? MOST_TOGETHER : options.runs;
      const { benchTogether } = await import("#bench/together.ts");
      const figures = await benchTogether({ ...options, runs }, io.stderr);
      return { text: togetherText(figures), figures };
    }
    case "toolkit": {
      const figures = await (await import("#bench/toolkit.ts")).benchToolkit(options, io.stderr);
      return { text: toolkitText(figures), figures };
    }
    case "startup": {
      const figures = await (await import("#bench/startup.ts")).benchStartup(options.rounds);
      return { text: startupText(figures), figures };
    }
    case "data": {
      const figures = await (await import("#bench/data.ts")).benchData(
        options.rounds,
        options.dataDir ?? null,
      );
      return { text: dataText(figures), figures };
    }
    case "hardware":
      return await hardware(options, io);
    default:
      return assertNever(what);
  }
}

/** Writes what is there after each part, so that nothing is lost where the machine is taken away. */
async function hardware(options: MeasureOptions, io: CommandIo): Promise<Measured> {
  const { HARDWARE_FILES, measureHardware } = await import("#bench/hardware.ts");
  const { hardwareText } = await import("./hardware_text.ts");
  await Deno.mkdir(options.out, { recursive: true });
  const files = HARDWARE_FILES(options.out);
  for (const file of Object.values(files)) await Deno.remove(file).catch(unlessMissing);
  let measured: Measured = { text: "", figures: null };
  for await (const { report, log } of measureHardware(options, io.stderr)) {
    measured = { text: hardwareText(report), figures: report };
    await writeAtomic(files.json, JSON.stringify(report, null, 2) + "\n");
    await writeAtomic(files.text, measured.text);
    await Deno.writeTextFile(files.log, log, { append: true });
  }
  return measured;
}
