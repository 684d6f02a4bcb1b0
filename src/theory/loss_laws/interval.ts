import { random } from "#lib/prng.ts";
import { quantile } from "#stats/summary.ts";
import { fitLaw, type LawFit, type LossCurve } from "./fit.ts";
import { CHANGES, placesOf } from "./places.ts";

/** A fit, and the same from curves that its residuals could have made as well. */
export interface UncertainFit extends LawFit {
  /** Parameters of each refit. */
  readonly refits: readonly (readonly number[])[];
  /** ln(recorded) − ln(law) of every point of the fit. */
  readonly residuals: readonly number[];
}

/** A predicted loss curve. */
export interface LossPrediction {
  /** Steps done at each point. */
  readonly steps: readonly number[];
  readonly losses: readonly number[];
  /** Ends of the interval at each point. */
  readonly low: readonly number[];
  readonly high: readonly number[];
}

/** Blocks that a curve's residuals are cut into: neighbours err alike. */
const BLOCKS = 6;
/** Residuals that are drawn for each refit, for the interval of a recorded loss. */
const DRAWS = 25;

/**
 * Fits a law again to `count` sets of curves, each the fitted curves with residuals of the fit drawn anew in blocks (block
 * bootstrap of residuals). What all curves have in common that the law cannot express is not in their spread.
 */
export function refitLaw(
  fit: LawFit,
  curves: readonly LossCurve[],
  { count = 40, seed = 1 }: { readonly count?: number; readonly seed?: number } = {},
): UncertainFit {
  const fitted = curves.map(({ rates, steps, losses }) => {
    const values = fit.law.predict(fit.parameters, placesOf(rates, steps, CHANGES.fit));
    return { values, residuals: losses.map((loss, point) => Math.log(loss / values[point]!)) };
  });
  const source = random(seed, "loss law");
  const refits = Array.from({ length: count }, () => {
    const drawn = curves.map((curve, index) => {
      const { values, residuals } = fitted[index]!;
      const changed = blocks(residuals, source.below);
      return { ...curve, losses: curve.losses.map((_, point) => values[point]! * Math.exp(changed[point]!)) };
    });
    return fitLaw(fit.law, drawn, fit.free).parameters;
  });
  return { ...fit, refits, residuals: fitted.flatMap(({ residuals }) => residuals) };
}

/** As many residuals, in blocks of neighbours that begin anywhere; the end is followed by the beginning. */
function blocks(residuals: readonly number[], below: (bound: number) => number): number[] {
  const length = Math.max(1, Math.ceil(residuals.length / BLOCKS));
  const drawn: number[] = [];
  while (drawn.length < residuals.length) {
    const from = below(residuals.length);
    for (let at = 0; at < length; at++) drawn.push(residuals[(from + at) % residuals.length]!);
  }
  return drawn.slice(0, residuals.length);
}

/**
 * The loss under a schedule that was not trained, with the interval that a recorded loss would fall into if the law held for
 * it as for the curves of the fit: the refits' losses, times residuals of the fit.
 *
 * @param rates the rate of every step. @param points steps done at each point, ascending.
 */
export function predictLoss(
  { law, parameters, refits, residuals }: UncertainFit,
  rates: Float64Array,
  points: readonly number[],
  confidence = 0.95,
): LossPrediction {
  const places = placesOf(rates, points, CHANGES.prediction);
  const losses = law.predict(parameters, places);
  const others = refits.map((each) => law.predict(each, places));
  const source = random(1, "residuals");
  const tail = (1 - confidence) / 2;
  const ends = points.map((_, point) => {
    const drawn = others.flatMap((values) =>
      Array.from(
        { length: DRAWS },
        () => values[point]! * Math.exp(residuals[source.below(residuals.length)]!),
      )
    );
    return [quantile(drawn, tail), quantile(drawn, 1 - tail)] as const;
  });
  return {
    steps: points,
    losses: Array.from(losses),
    low: ends.map(([low]) => low),
    high: ends.map(([, high]) => high),
  };
}
