import type { Arguments } from "../python/arguments.ts";
import { type Plateau, Refusal } from "../python/evaluate.ts";

/** The state of a plateau between two evaluations; `scale` or rate, best value and counts. */
interface State {
  readonly rate: number;
  readonly best: number | null;
  readonly bad: number;
  readonly cooling: number;
}

/** A plateau by one step of its state. */
const plateau = (next: (state: State, metric: number, first: number) => State): Plateau => ({
  kind: "plateau",
  rates: (metrics, first) => {
    let state: State = { rate: first, best: null, bad: 0, cooling: 0 };
    return metrics.map((metric) => (state = next(state, metric, first)).rate);
  },
});

/** PyTorch's ReduceLROnPlateau: one evaluation more than `patience`, none of the cooldown counts. */
export function torchPlateau(v: Arguments): Plateau {
  const relative = v.text("threshold_mode") === "rel";
  return torchLike(v, relative, "patience", "factor", "cooldown", "min_lr", v.number("eps"));
}

/** timm hands its arguments to PyTorch's, with names of its own; `mode` is max where it is left out. */
export const timmPlateau = (v: Arguments): Plateau =>
  torchLike(v, true, "patience_t", "decay_rate", "cooldown_t", "lr_min", 1e-8);

function torchLike(
  v: Arguments,
  relative: boolean,
  patienceKey: string,
  factorKey: string,
  cooldownKey: string,
  minKey: string,
  eps: number,
): Plateau {
  const [threshold, sign] = [v.number("threshold"), v.text("mode") === "min" ? 1 : -1];
  const [patience, factor] = [v.number(patienceKey), v.number(factorKey)];
  const [cooldown, low] = [v.number(cooldownKey), v.number(minKey)];
  if (factor >= 1) throw new Refusal("the factor must be below 1");
  const bound = (best: number) => relative ? best * (1 - sign * threshold) : best - sign * threshold;
  return plateau(({ rate, best, bad, cooling }, metric) => {
    const better = best === null || sign * metric < sign * bound(best);
    const count = cooling > 0 || better ? 0 : bad + 1;
    const next = { best: better ? metric : best, cooling: Math.max(0, cooling - 1) };
    if (count <= patience) return { ...next, rate, bad: count };
    const reduced = Math.max(rate * factor, low);
    return { ...next, rate: rate - reduced > eps ? reduced : rate, bad: 0, cooling: cooldown };
  });
}

/** Keras reduces after `patience` bad evaluations, not after more; the last evaluation of the cooldown counts. */
export function kerasPlateau(v: Arguments): Plateau {
  const mode = v.text("mode");
  const upwards = mode === "max" || (mode === "auto" && /acc|auc|f1/i.test(v.text("monitor")));
  const [sign, delta] = [upwards ? -1 : 1, Math.abs(v.number("min_delta"))];
  const [patience, factor] = [v.number("patience"), v.number("factor")];
  const [cooldown, low] = [v.number("cooldown"), v.number("min_lr")];
  if (factor >= 1) throw new Refusal("ReduceLROnPlateau does not support a factor >= 1.0");
  return plateau((state, metric) => {
    const cooling = Math.max(0, state.cooling - 1);
    const bad = state.cooling > 0 ? 0 : state.bad;
    if (state.best === null || sign * metric < sign * (state.best - sign * delta)) {
      return { rate: state.rate, best: metric, bad: 0, cooling };
    }
    if (cooling > 0) return { ...state, bad, cooling };
    if (bad + 1 < patience || !(state.rate > Math.fround(low))) return { ...state, bad: bad + 1, cooling };
    return { ...state, rate: Math.max(state.rate * factor, low), bad: 0, cooling: cooldown };
  });
}

/** optax multiplies the updates by a scale, after `patience` bad evaluations; it watches for smaller values only. */
export function optaxPlateau(v: Arguments): Plateau {
  const [rtol, atol] = [v.number("rtol"), v.number("atol")];
  const [patience, factor] = [v.number("patience"), v.number("factor")];
  const [cooldown, low] = [v.number("cooldown"), v.number("min_scale")];
  if (factor <= 0 || factor >= 1) throw new Refusal("reduce_on_plateau needs a factor between 0 and 1");
  if (rtol < 0 || atol < 0 || (rtol === 0 && atol === 0)) {
    throw new Refusal("reduce_on_plateau needs rtol or atol above 0");
  }
  if (rtol > 1) throw new Refusal("reduce_on_plateau needs rtol <= 1");
  return plateau(({ rate, best, bad, cooling }, metric, first) => {
    const better = best === null || metric < (1 - rtol) * best - atol;
    const next = { best: better ? metric : best };
    if (cooling > 0) return { ...next, rate, bad: 0, cooling: cooling - 1 };
    const count = better ? 0 : bad + 1;
    const scale = Math.max(count === patience ? rate / first * factor : rate / first, low);
    const reduced = count === patience;
    return { ...next, rate: scale * first, bad: reduced ? 0 : count, cooling: reduced ? cooldown : 0 };
  });
}
