import { checkArmSchedule } from "../check_schedule.ts";
import type { Problem } from "../error.ts";
import { type Path, readPath, setIn } from "../path.ts";
import type { Spec } from "../schema.ts";
import { listAxis } from "./axes.ts";
import { checkCount } from "./cells.ts";

/** Problems of a spec's own `sweep:`: paths into one arm's schedule, different values that fit, not too many cells. */
export function checkSweep(spec: Spec): Problem[] {
  const over = Object.entries(spec.sweep?.over ?? {});
  if (over.length === 0) return [];
  const problems = over.flatMap(([text, values]) => checkAxis(spec, text, values));
  if (problems.length > 0) return problems;
  const arms = new Set(over.map(([text]) => readPath(text)[1] as number));
  if (arms.size > 1) {
    const named = [...arms].map((index) => `arms[${index}]`).join(" and ");
    return [{ path: ["sweep", "over"], message: `paths lead into ${named}: expected those of one arm` }];
  }
  const refused = refusal(() => checkCount(over.reduce((product, [, values]) => product * values.length, 1)));
  return refused === null ? [] : [{ path: ["sweep", "over"], message: refused }];
}

function checkAxis(spec: Spec, text: string, values: readonly unknown[]): Problem[] {
  const at: Path = ["sweep", "over", text];
  const refused = refusal(() => readPath(text)) ?? refusal(() => listAxis(text, values));
  if (refused !== null) return [{ path: at, message: refused }];
  const [arms, index, inner, ...rest] = readPath(text);
  if (arms !== "arms" || typeof index !== "number" || inner !== "schedule" || rest.length === 0) {
    return [{ path: at, message: "expected a path into an arm's schedule, such as arms[0].schedule.gamma" }];
  }
  const arm = spec.arms[index];
  if (!arm) {
    return [{ path: at, message: `there is no arms[${index}]; the last is arms[${spec.arms.length - 1}]` }];
  }
  return values.flatMap((value, position) =>
    checkArmSchedule(spec, { ...arm, schedule: setIn(arm.schedule, rest, value) as typeof arm.schedule }, [])
      .map((
        { message },
      ) => ({
        path: [...at, position],
        message,
      }))
  );
}

function refusal(attempt: () => unknown): string | null {
  try {
    attempt();
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}
