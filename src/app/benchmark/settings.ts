import { join } from "node:path";
import { stringify } from "yaml";
import { summaryFile } from "#results/summary.ts";
import type { Spec } from "#spec/schema.ts";
import { familiesOf, type Profile } from "#study/benchmark/workloads.ts";
import { type Setting, settingsOf, specOf } from "#study/benchmark/spec_of.ts";
import { UsageError } from "../errors.ts";
import { studySpec } from "../studies/study_spec.ts";
import { readUnlessDamaged } from "../storage/read_result.ts";
import { unlessMissing } from "../storage/missing.ts";

/** A setting with its experiment and where that lies. */
export interface Place {
  readonly setting: Setting;
  readonly spec: Spec;
  readonly folder: string;
}

/**
 * The settings of a benchmark in their order, each an experiment in a folder of its own.
 *
 * @param seeds those of the comparison in place of the profile's.
 * @throws {SpecError} for seeds that tuning uses.
 */
export function placesOf(profile: Profile, out: string, seeds: readonly number[] | null = null): Place[] {
  const families = familiesOf(profile);
  return settingsOf(profile).map((setting) => {
    const text = JSON.stringify(specOf(setting, { ...profile, seeds: seeds ?? profile.seeds }, families));
    return {
      setting,
      spec: studySpec({ file: `the benchmark's ${setting.name}`, text }, {}),
      folder: join(out, setting.name),
    };
  });
}

/**
 * Refuses folders of another benchmark, whose runs would be looked for in vain.
 *
 * @throws {UsageError} where one holds an experiment that is not the setting's.
 */
export async function checkPlaces(places: readonly Place[]): Promise<void> {
  for (const place of places) {
    const text = await specText(place);
    if (text === undefined || text === stringify(place.spec)) continue;
    throw new UsageError(
      `Cannot read ${place.folder}: it holds another experiment (its spec.yaml differs from the benchmark's ` +
        `${place.setting.name}). Give the --profile and --seeds that it was trained with`,
    );
  }
}

const specText = ({ folder }: Place) => Deno.readTextFile(join(folder, "spec.yaml")).catch(unlessMissing);

/** True where a setting's experiment is there from its first run to its last, and is the one that is asked for. */
export async function isWhole(place: Place): Promise<boolean> {
  if (await specText(place) !== stringify(place.spec)) return false;
  // A damaged summary is made anew from the runs.
  return (await readUnlessDamaged(place.folder, summaryFile))?.complete === true;
}
