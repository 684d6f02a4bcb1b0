import type { Arguments } from "../python/arguments.ts";
import { type Plateau, Refusal } from "../python/evaluate.ts";

/** The counts and the best value of transformers' GreedyLR between two evaluations. */
interface State {
  rate: number;
  best: number;
  bad: number;
  good: number;
  cooldown: number;
  warmupLeft: number;
  reset: number;
  window: number[];
}

/** transformers' GreedyLR: it raises the rate while the metric improves, and reduces it while it does not. */
export function greedyLR(v: Arguments): Plateau {
  if (v.number("factor") >= 1) throw new Refusal("the factor must be below 1");
  const [patience, smooth, size] = [v.number("patience"), v.flag("smooth"), v.number("window_size")];
  const better = improvement(v);
  const worst = v.text("mode") === "min" ? Infinity : -Infinity;
  return {
    kind: "plateau",
    rates: (metrics, first) => {
      const anew = (): State => ({
        ...{ rate: first, best: worst, bad: 0, good: 0, cooldown: 0, warmupLeft: 0 },
        ...{ reset: v.number("reset_start"), window: [] },
      });
      let state = anew();
      return metrics.map((metric) => {
        state.window = [...state.window, metric].slice(smooth ? -size : -1);
        const current = state.window.reduce((sum, value) => sum + value, 0) / state.window.length;
        if (state.cooldown > 0 || state.warmupLeft > 0) {
          state[state.cooldown > 0 ? "cooldown" : "warmupLeft"]--;
          [state.bad, state.good] = [0, 0];
          return state.rate;
        }
        const improves = better(current, state.best);
        if (improves) state.best = current;
        [state.bad, state.good] = improves ? [0, state.good + 1] : [state.bad + 1, 0];
        if (state.good > patience) raise(v, state);
        else if (state.bad > patience && reducedToReset(v, state)) {
          state = { ...anew(), cooldown: v.number("cooldown") };
        }
        return state.rate;
      });
    },
  };
}

function improvement(v: Arguments): (current: number, best: number) => boolean {
  const [threshold, sign] = [v.number("threshold"), v.text("mode") === "min" ? 1 : -1];
  const relative = v.text("threshold_mode") === "rel";
  return (current, best) => {
    const bound = relative ? best * (1 - sign * threshold) : best - sign * threshold;
    return sign * current < sign * bound;
  };
}

function raise(v: Arguments, state: State): void {
  const raised = Math.min(state.rate / v.number("factor"), v.number("max_lr"));
  if (raised - state.rate > v.number("eps")) state.rate = raised;
  [state.good, state.warmupLeft, state.reset] = [0, v.number("warmup"), v.number("reset_start")];
}

/** Reduces the rate; true where the reductions at the lower bound have run out. */
function reducedToReset(v: Arguments, state: State): boolean {
  const reduced = Math.max(state.rate * v.number("factor"), v.number("min_lr"));
  if (state.rate - reduced > v.number("eps")) state.rate = reduced;
  [state.bad, state.cooldown] = [0, v.number("cooldown")];
  return state.rate <= v.number("min_lr") && --state.reset <= 0;
}
