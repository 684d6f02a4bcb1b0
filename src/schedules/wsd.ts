import { cosineBetween } from "./cosine.ts";
import { entry, type Given } from "./entry.ts";
import { choice, durationOrZero, number, rate } from "./params.ts";
import type { Schedule } from "./schedule.ts";
import { check } from "./values.ts";

const PARAMS = {
  lr: rate("rate of the stable phase"),
  warmup: durationOrZero("w, the length of the linear rise from 0"),
  stable: durationOrZero("s, how long the rate stays"),
  decay: durationOrZero("d, the length of the fall"),
  decay_shape: choice("shape of the fall", ["linear", "cosine", "1-sqrt"]),
  min_ratio: number("the last rate as a part of lr", "fraction", { min: 0, max: 1 }, 0),
};

/**
 * Warmup, stable, decay: η(t) = η₀·t/w for t < w; η₀ up to w + s; then η₀·(r + (1 − r)·f(p)) with
 * p = (t − w − s)/d and f(p) = 1 − p (linear), (1 + cos(πp))/2 (cosine) or 1 − √p (1-sqrt); r = `min_ratio`;
 * t, w, s and d in steps.
 *
 * First value 0 (`lr` where w = 0), last r·η₀, reached at t = w + s + d, where it stays.
 *
 * @throws {RangeError} unless `lr` > 0, the three durations >= 0 and 0 <= `min_ratio` <= 1.
 * @see Hu et al., 2024, arXiv:2404.06395; transformers.get_wsd_schedule; Hägele et al., 2024, arXiv:2405.18392
 */
export function wsd(given: Given<typeof PARAMS>): Schedule {
  const { lr, warmup, stable, decay, decay_shape, min_ratio } = check("wsd", PARAMS, given);
  const fall = FALLS[decay_shape];
  return (t) => {
    if (t < warmup) return lr * (t / warmup);
    if (t < warmup + stable) return lr;
    const progress = decay === 0 ? 1 : Math.min(1, (t - warmup - stable) / decay);
    return lr * (min_ratio + (1 - min_ratio) * fall(progress));
  };
}

const FALLS = {
  linear: (progress: number) => 1 - progress,
  cosine: (progress: number) => cosineBetween(1, 0, progress),
  "1-sqrt": (progress: number) => 1 - Math.sqrt(progress),
};

export default entry({
  name: "wsd",
  summary: "A linear rise, a long stable phase and a short fall.",
  params: PARAMS,
  formula: "η₀·t/w, then η₀ for s, then η₀·(r + (1 − r)·f((t − w − s)/d))",
  first: "0, or lr without warmup",
  last: "min_ratio·lr, from w + s + d on",
  source: "Hu et al., 2024, arXiv:2404.06395; transformers get_wsd_schedule",
  label: "wsd {lr}: {warmup} up, {stable} stable, {decay} down ({decay_shape})",
  sample: { name: "wsd", lr: 0.001, warmup: "10%", stable: "70%", decay: "20%" },
  build: (values) => ({ lr: wsd(values) }),
});
