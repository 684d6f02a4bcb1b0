import { suggest } from "#lib/nearest.ts";
import { checkSchedule } from "#schedules/registry.ts";
import type { Problem } from "./error.ts";
import type { Arm } from "./lineage.ts";
import type { Path } from "./path.ts";
import type { Spec } from "./schema.ts";
import { ratePath, tunedArm, withRate } from "./tuned.ts";

/** Problems of an arm's schedule, each at its place below `path`; a tuned rate is checked with the first one to try. */
export function checkArmSchedule(spec: Spec, { schedule, rates }: Arm, path: Path): Problem[] {
  const arms = spec.arms.map(({ name }) => name);
  const tuned = tunedArm(schedule, "");
  if (tuned !== null && spec.tune === null) {
    return [{
      path: [...path, ...ratePath(schedule)],
      message: "`tuned` needs a `tune` section with the rates to try",
    }];
  }
  if (tuned !== null && tuned !== "" && !arms.includes(tuned)) {
    return [{
      path: [...path, ...ratePath(schedule)],
      message: `tuned of an unknown arm; ${suggest(tuned, arms)}`,
    }];
  }
  const concrete = tuned === null ? schedule : withRate(schedule, (rates ?? spec.tune!.rates)[0]!);
  return checkSchedule(concrete).map((problem) => ({ ...problem, path: [...path, ...problem.path] }));
}
