import { suggest } from "#lib/nearest.ts";
import { UsageError } from "../../io.ts";
import { durationToSteps, parseDuration } from "#lib/duration.ts";
import type { Preset } from "#advise/preset.ts";
import { presetOf, PRESETS } from "#advise/presets.ts";
import { describeOptimizer } from "#schedules/frameworks/optimizer.ts";
import { printSchedule } from "#schedules/print.ts";
import type { Arms } from "../../schedules/facts.ts";
import { hasDescents, specYaml } from "./spec_yaml.ts";

/** @throws {UsageError} for a name that no preset has. */
function find(name: string): Preset {
  const preset = presetOf(name);
  if (preset !== undefined) return preset;
  throw new UsageError(
    `Unknown preset ${JSON.stringify(name)}; ${suggest(name, PRESETS.map((one) => one.name))}`,
  );
}

/** A preset to be shown, checked or emitted. */
export function armsOfPreset(name: string): Arms {
  const { schedule, duration, optimizer, clipNorm } = find(name);
  const stepsPerEpoch = 100;
  const totalSteps = durationToSteps(parseDuration(duration), { totalSteps: 0, stepsPerEpoch });
  return {
    arms: [{ name, schedule, optimizer }],
    folder: ".",
    facts: {
      optimizer: optimizer.name,
      clipNorm,
      // As the printed spec has them.
      ...(hasDescents(schedule) && { snapshots: true, resetsOptimizer: true }),
    },
    shape: { totalSteps, stepsPerEpoch: null },
  };
}

/** A preset as a spec that `train` runs and `schedule --file` reads. */
export function presetYaml(name: string): string {
  const { summary, schedule, duration, optimizer, clipNorm, why, source } = find(name);
  return specYaml({
    name: `preset ${name}`,
    comments: [
      summary,
      why,
      `source: ${source}`,
      `The task is usually trained with ${
        describeOptimizer(optimizer)
      }; the lab trains with sgd, whose best rate is another.`,
    ],
    arm: name,
    schedule: printSchedule(schedule),
    restarts: hasDescents(schedule),
    duration,
    clipNorm,
  });
}
