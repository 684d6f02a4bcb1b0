import { plain } from "#lib/numbers.ts";
import { type Asked, type Claim, verdictWithin } from "./claim.ts";
import type { Distribution, NoiseName } from "./distributions.ts";
import type { Floor } from "./floors.ts";
import type { Study } from "./study.ts";
import { range, short, withInterval } from "./words.ts";

type Range = readonly [number, number];

/** Claims that the variance at every rate tried is the formula's, give or take a share of it. */
export function floorIsFormula(
  asked: Asked,
  { momentum, margin }: { momentum: number; margin: number },
): Claim {
  return {
    ...asked,
    judge: (study) => {
      const ratios = floorsOf(study, momentum).map(({ sharpness, chains, formula, measured }) => {
        const [low, high] = measured.interval;
        const interval: Range = [low / formula, high / formula];
        return { sharpness, chains, value: measured.value / formula, interval };
      });
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
        finding: `${withInterval(worst.value, worst.interval)} of the formula where it is furthest off, ` +
          `claimed within ${range(1 - margin, 1 + margin)}`,
        text: `Measured variance over formula at ηh = ${
          ratios.map(({ sharpness, value }) => `${short(sharpness)}: ${value.toFixed(3)}`).join(", ")
        }. ${plain(worst.chains)} chains at each rate; the intervals hold all at once with 95 %.`,
      };
    },
  };
}

/** Claims that the variance over the rate is the same at the smallest and at the largest rate without momentum. */
export function floorIsProportional(asked: Asked, { margin }: { margin: number }): Claim {
  return {
    ...asked,
    judge: (study) => {
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
          `variance over rate at ηh = ${short(last.sharpness)} is ${
            withInterval(value, interval)
          } times that at ` +
          `ηh = ${short(first.sharpness)}, claimed within ${range(1 - margin, 1 + margin)}`,
        text: `Over the straight line ησ²/2h the variance is ${
          floors.map(({ sharpness }, i) => `${linear[i]!.toFixed(2)} at ηh = ${short(sharpness)}`).join(", ")
        }: proportional while ηh is small, without bound towards ηh = 2.`,
      };
    },
  };
}

/** Claims that a settled x is normally distributed: no probability of an interval (−∞, x] off by more than `margin`. */
export function isNormal(
  asked: Asked,
  { noise, sharpness, margin }: { noise: NoiseName; sharpness: number; margin: number },
): Claim {
  return {
    ...asked,
    judge: (study) => {
      const found = study.distributions.find((one) => one.noise === noise && one.sharpness === sharpness);
      if (!found) {
        throw new RangeError(`Cannot judge ${noise} noise at ηh = ${sharpness}: it was not simulated`);
      }
      const others = study.distributions.filter((one) => one.noise === noise && one !== found);
      return {
        verdict: verdictWithin(found.interval, [0, margin]),
        effect: found.distance,
        interval: found.interval,
        finding: `Kolmogorov–Smirnov distance ${withInterval(found.distance, found.interval, 4)}, ` +
          `claimed at most ${margin}; critical value ${found.critical.toFixed(4)}`,
        text: [found, ...others].map(distributionText).join(" "),
      };
    },
  };
}

function floorsOf({ floors }: Study, momentum: number): Floor[] {
  return floors.filter((floor) => floor.momentum === momentum);
}

function distributionText({ noise, sharpness, distance, varianceRatio }: Distribution): string {
  return `With ${noise === "coin" ? "coin-flip" : "normal"} noise at ηh = ${
    short(sharpness)
  } the distance is ${distance.toFixed(4)} and the variance ${varianceRatio.toFixed(3)} of the formula.`;
}

const offBy = (ratio: number) => Math.abs(Math.log(ratio));
const logWidth = ({ measured }: Floor) => Math.log(measured.interval[1] / measured.value);
