import { type Asked, type Claim, type Judged, verdictWithin } from "./claim.ts";
import type { Course } from "./courses.ts";
import type { Distribution, NoiseName } from "./distributions.ts";
import type { Floor } from "./floors.ts";
import type { Study } from "./study.ts";

type Range = readonly [number, number];

/** Claims that the variance at every rate tried is the formula's, give or take a share of it. */
export function floorIsFormula(
  asked: Asked,
  { momentum, margin }: { momentum: number; margin: number },
): Claim {
  return claim(asked, (study) => {
    const ratios = floorsOf(study, momentum).map(({ sharpness, chains, formula, measured }) => ({
      sharpness,
      chains,
      value: measured.value / formula,
      interval: measured.interval.map((bound) => bound / formula) as unknown as Range,
    }));
    const verdicts = ratios.map(({ interval }) => verdictWithin(interval, [1 - margin, 1 + margin]));
    const worst = ratios.reduce((far, one) => offBy(one.value) > offBy(far.value) ? one : far);
    return {
      verdict: verdicts.includes("contradicted")
        ? "contradicted"
        : verdicts.includes("inconclusive")
        ? "inconclusive"
        : "supported",
      effect: worst.value,
      interval: worst.interval,
      finding: `${told(worst.value, worst.interval)} of the formula where it is furthest off, ` +
        `claimed within ${range(1 - margin, 1 + margin)}`,
      text: `Measured variance over formula at ηh = ${
        ratios.map(({ sharpness, value }) => `${short(sharpness)}: ${value.toFixed(3)}`).join(", ")
      }. ${count(worst.chains)} chains at each rate; the intervals hold all at once with 95 %.`,
    };
  });
}

/** Claims that the variance over the rate is the same at the smallest and at the largest rate without momentum. */
export function floorIsProportional(asked: Asked, { margin }: { margin: number }): Claim {
  return claim(asked, (study) => {
    const floors = floorsOf(study, 0);
    const [first, last] = [floors[0]!, floors.at(-1)!];
    const perRate = ({ measured, rate }: Floor) => measured.value / rate;
    const value = perRate(last) / perRate(first);
    const width = Math.exp(Math.hypot(logWidth(first), logWidth(last)));
    const interval: Range = [value / width, value * width];
    const { curvature, noise } = study.problem;
    const linear = floors.map((floor) => perRate(floor) / (noise ** 2 / (2 * curvature)));
    return {
      verdict: verdictWithin(interval, [1 - margin, 1 + margin]),
      effect: value,
      interval,
      finding:
        `variance over rate at ηh = ${short(last.sharpness)} is ${told(value, interval)} times that at ` +
        `ηh = ${short(first.sharpness)}, claimed within ${range(1 - margin, 1 + margin)}`,
      text: `Over the straight line ησ²/2h the variance is ${
        floors.map(({ sharpness }, i) => `${linear[i]!.toFixed(2)} at ηh = ${short(sharpness)}`).join(", ")
      }: proportional while ηh is small, without bound towards ηh = 2.`,
    };
  });
}

/** Claims that a settled x is normally distributed: no probability of an interval (−∞, x] off by more than `margin`. */
export function isNormal(
  asked: Asked,
  { noise, sharpness, margin }: { noise: NoiseName; sharpness: number; margin: number },
): Claim {
  return claim(asked, (study) => {
    const found = study.distributions.find((one) => one.noise === noise && one.sharpness === sharpness);
    if (!found) {
      throw new RangeError(`Cannot judge ${noise} noise at ηh = ${sharpness}: it was not simulated`);
    }
    const others = study.distributions.filter((one) => one.noise === noise && one !== found);
    return {
      verdict: verdictWithin(found.interval, [0, margin]),
      effect: found.distance,
      interval: found.interval,
      finding: `Kolmogorov–Smirnov distance ${told(found.distance, found.interval, 4)}, ` +
        `claimed at most ${margin}; critical value ${found.critical.toFixed(4)}`,
      text: [found, ...others].map(distributionText).join(" "),
    };
  });
}

/** Claims that a schedule continued for ever meets both of Robbins and Monro's conditions. */
export function meetsBoth(asked: Asked, { name }: { name: string }): Claim {
  return claim(asked, (study) => {
    const found = study.conditions.find((one) => one.name === name);
    if (!found) throw new RangeError(`Cannot judge ${JSON.stringify(name)}: its sums were not drawn`);
    const { rates, squares } = found;
    return {
      verdict: rates.diverges && !squares.diverges ? "supported" : "contradicted",
      effect: squares.growth,
      interval: null,
      finding: `each doubling adds ${squares.growth.toFixed(2)} times as much to Σ η² as the one before ` +
        `(claimed below 1), ${rates.growth.toFixed(2)} times to Σ η (claimed 1 or more)`,
      text: `After ${count(rates.updates.at(-1)!)} updates Σ η is ${short(rates.total.at(-1)!)} and Σ η² is ${
        short(squares.total.at(-1)!)
      }. Sums of blocks twice as long each converge if they shrink by a factor below 1, and diverge if they do not.`,
    };
  });
}

/** Claims that E[x²] falls as a power of t, give or take `margin` in the exponent. */
export function fallsAs(
  asked: Asked,
  { name, exponent, margin }: { name: string; exponent: number; margin: number },
): Claim {
  return claim(asked, (study) => {
    const { slope, updates, exact, measured } = courseOf(study, name);
    return {
      verdict: verdictWithin(slope.interval, [exponent - margin, exponent + margin]),
      effect: slope.value,
      interval: slope.interval,
      finding: `exponent ${told(slope.value, slope.interval)}, claimed ${signed(exponent)} ± ${margin}`,
      text: `Over the last three doublings of ${count(updates.at(-1)!)} updates; the exact recursion gives ${
        signed(Number(slope.exact.toFixed(3)))
      }. At the end E[x²] is ${short(measured.at(-1)!.value)} (exactly ${short(exact.at(-1)!)}).`,
    };
  });
}

/** Claims that the mean of x has come to the optimum: at most `margin` of the start's distance is left. */
export function reachesOptimum(asked: Asked, { name, margin }: { name: string; margin: number }): Claim {
  return claim(asked, (study) => {
    const { startLeft, updates } = courseOf(study, name);
    const rates = study.conditions.find((one) => one.name === name)?.rates;
    return {
      verdict: verdictWithin(startLeft.interval, [-margin, margin]),
      effect: startLeft.value,
      interval: startLeft.interval,
      finding: `${told(startLeft.value, startLeft.interval)} of the start's distance is left, ` +
        `claimed at most ${margin}`,
      text: `After ${count(updates.at(-1)!)} updates; exactly ${startLeft.exact.toFixed(3)} is left` +
        (rates
          ? `. All its rates together come to ${short(rates.total.at(-1)!)}, however long it runs.`
          : "."),
    };
  });
}

/** Claims that one course ends nearer to the optimum than another. */
export function endsNearer(asked: Asked, { name, against }: { name: string; against: string }): Claim {
  return claim(asked, (study) => {
    const found = study.ends.find((one) => one.name === name && one.against === against);
    if (!found) throw new RangeError(`Cannot judge ${name} against ${against}: they were not compared`);
    const all = study.courses.map((course) => ({ name: course.name, end: course.exact.at(-1)! }))
      .sort((a, b) => a.end - b.end);
    return {
      verdict: verdictWithin(found.interval, [0, 1]),
      effect: found.value,
      interval: found.interval,
      finding: `E[x²] of ${name} is ${
        told(found.value, found.interval)
      } times that of ${against}, claimed below 1`,
      text: `Exact E[x²] after ${count(study.courseUpdates)} updates, from the nearest: ${
        all.map(({ name, end }) => `${name} ${short(end)}`).join("; ")
      }. The best c is 1/h, which whoever trains does not know.`,
    };
  });
}

/** Claims that the mean of n iterates has the error σ²/(h²n). */
export function averageIsBest(asked: Asked, { name, margin }: { name: string; margin: number }): Claim {
  return claim(asked, (study) => {
    const { averageFrom, updates, measured, exact } = courseOf(study, name);
    const { curvature, noise } = study.problem;
    const averaged = updates.at(-1)! - (averageFrom ?? 0);
    const best = noise ** 2 / (curvature ** 2 * averaged);
    const { value, interval: [low, high] } = measured.at(-1)!;
    const interval: Range = [low / best, high / best];
    return {
      verdict: verdictWithin(interval, [1 - margin, 1 + margin]),
      effect: value / best,
      interval,
      finding: `${told(value / best, interval)} times σ²/(h²n), claimed within ${
        range(1 - margin, 1 + margin)
      }`,
      text: `The mean of the last ${count(averaged)} iterates has E[x̄²] = ${short(value)} (exactly ${
        short(exact.at(-1)!)
      }); σ²/(h²n) is ${short(best)}. The rate is not in it.`,
    };
  });
}

function claim(asked: Asked, judge: (study: Study) => Judged): Claim {
  return { ...asked, judge };
}

function floorsOf({ floors }: Study, momentum: number): Floor[] {
  return floors.filter((floor) => floor.momentum === momentum);
}

function courseOf({ courses }: Study, name: string): Course {
  const found = courses.find((course) => course.name === name);
  if (!found) throw new RangeError(`Cannot judge ${JSON.stringify(name)}: no course has this name`);
  return found;
}

function distributionText({ noise, sharpness, distance, varianceRatio }: Distribution): string {
  return `With ${noise === "coin" ? "coin-flip" : "normal"} noise at ηh = ${
    short(sharpness)
  } the distance is ${distance.toFixed(4)} and the variance ${varianceRatio.toFixed(3)} of the formula.`;
}

const offBy = (ratio: number) => Math.abs(Math.log(ratio));
const logWidth = ({ measured }: Floor) => Math.log(measured.interval[1] / measured.value);
const count = (value: number) => value.toLocaleString("en-US");
const short = (value: number) => signed(Number(value.toPrecision(3)));
const signed = (value: number) => String(value).replace("-", "−");
const range = (from: number, to: number) => `${short(from)} … ${short(to)}`;

/** `0.982 [0.951, 1.014]`. */
function told(value: number, [low, high]: Range, decimals = 3): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : decimals;
  const figure = (one: number) => signed(Number(one.toFixed(digits)));
  return `${figure(value)} [${figure(low)}, ${figure(high)}]`;
}
