import { plain } from "#lib/numbers.ts";
import { type Asked, type Claim, verdictWithin } from "./claim.ts";
import type { Trajectory } from "./trajectories.ts";
import type { Study } from "./study.ts";
import { range, short, withInterval } from "./words.ts";

/** Claims that a schedule continued for ever meets both of Robbins and Monro's conditions. */
export function meetsBoth(asked: Asked, { name }: { name: string }): Claim {
  return {
    ...asked,
    judge: (study) => {
      const found = study.conditions.find((one) => one.name === name);
      if (!found) throw new RangeError(`Cannot judge ${JSON.stringify(name)}: its sums were not drawn`);
      const { rates, squares } = found;
      return {
        verdict: rates.diverges && !squares.diverges ? "supported" : "contradicted",
        effect: squares.growth,
        interval: null,
        finding: `each doubling adds ${squares.growth.toFixed(2)} times as much to Σ η² as the one before ` +
          `(claimed below 1), ${rates.growth.toFixed(2)} times to Σ η (claimed 1 or more)`,
        text: `After ${plain(rates.steps.at(-1)!)} steps Σ η is ${short(rates.total.at(-1)!)} and Σ η² is ${
          short(squares.total.at(-1)!)
        }. Sums of blocks twice as long each converge if they shrink by a factor below 1, and diverge if they do not.`,
      };
    },
  };
}

/** Claims that E[x²] falls as a power of t, give or take `margin` in the exponent. */
export function fallsAs(
  asked: Asked,
  { name, exponent, margin }: { name: string; exponent: number; margin: number },
): Claim {
  return {
    ...asked,
    judge: (study) => {
      const { slope, steps, exact, measured } = trajectoryOf(study, name);
      return {
        verdict: verdictWithin(slope.interval, [exponent - margin, exponent + margin]),
        effect: slope.value,
        interval: slope.interval,
        finding: `exponent ${withInterval(slope.value, slope.interval)}, claimed ${
          plain(exponent)
        } ± ${margin}`,
        text: `Over the last three doublings of ${plain(steps.at(-1)!)} steps; the exact recursion gives ${
          plain(Number(slope.exact.toFixed(3)))
        }. At the end E[x²] is ${short(measured.at(-1)!.value)} (exactly ${short(exact.at(-1)!)}).`,
      };
    },
  };
}

/** Claims that the mean of x has come to the optimum: at most `margin` of the start's distance is left. */
export function reachesOptimum(asked: Asked, { name, margin }: { name: string; margin: number }): Claim {
  return {
    ...asked,
    judge: (study) => {
      const { startLeft, steps } = trajectoryOf(study, name);
      const rates = study.conditions.find((one) => one.name === name)?.rates;
      return {
        verdict: verdictWithin(startLeft.interval, [-margin, margin]),
        effect: startLeft.value,
        interval: startLeft.interval,
        finding: `${withInterval(startLeft.value, startLeft.interval)} of the start's distance is left, ` +
          `claimed at most ${margin}`,
        text: `After ${plain(steps.at(-1)!)} steps; exactly ${startLeft.exact.toFixed(3)} is left` +
          (rates
            ? `. All its rates together come to ${short(rates.total.at(-1)!)}, however long it runs.`
            : "."),
      };
    },
  };
}

/** Claims that one trajectory ends nearer to the optimum than another. */
export function endsNearer(asked: Asked, { name, against }: { name: string; against: string }): Claim {
  return {
    ...asked,
    judge: (study) => {
      const found = study.ends.find((one) => one.name === name && one.against === against);
      if (!found) throw new RangeError(`Cannot judge ${name} against ${against}: they were not compared`);
      const all = study.trajectories.map((trajectory) => ({
        name: trajectory.name,
        end: trajectory.exact.at(-1)!,
      }))
        .sort((a, b) => a.end - b.end);
      return {
        verdict: verdictWithin(found.interval, [0, 1]),
        effect: found.value,
        interval: found.interval,
        finding: `E[x²] of ${name} is ${
          withInterval(found.value, found.interval)
        } times that of ${against}, claimed below 1`,
        text: `Exact E[x²] after ${plain(study.trajectorySteps)} steps, from the nearest: ${
          all.map(({ name, end }) => `${name}: ${short(end)}`).join("; ")
        }. The best c is 1/h, which is unknown in practice.`,
      };
    },
  };
}

/** Claims that the mean of n iterates has the error σ²/(h²n). */
export function averageIsBest(asked: Asked, { name, margin }: { name: string; margin: number }): Claim {
  return {
    ...asked,
    judge: (study) => {
      const { averageFrom, steps, measured, exact } = trajectoryOf(study, name);
      const { curvature, noise } = study.problem;
      const averaged = steps.at(-1)! - (averageFrom ?? 0);
      const best = noise ** 2 / (curvature ** 2 * averaged);
      const { value, interval: [low, high] } = measured.at(-1)!;
      const interval: readonly [number, number] = [low / best, high / best];
      return {
        verdict: verdictWithin(interval, [1 - margin, 1 + margin]),
        effect: value / best,
        interval,
        finding: `${withInterval(value / best, interval)} times σ²/(h²n), claimed within ${
          range(1 - margin, 1 + margin)
        }`,
        text: `The mean of the last ${plain(averaged)} iterates has E[x̄²] = ${short(value)} (exactly ${
          short(exact.at(-1)!)
        }); σ²/(h²n) is ${short(best)}, whatever the rate.`,
      };
    },
  };
}

function trajectoryOf({ trajectories }: Study, name: string): Trajectory {
  const found = trajectories.find((trajectory) => trajectory.name === name);
  if (!found) throw new RangeError(`Cannot judge ${JSON.stringify(name)}: no trajectory has this name`);
  return found;
}
