import type { SpecNamed } from "#train/optimizer.ts";
import { float } from "../kernel.ts";
import type { StagedRule } from "./optimizer_rule.ts";

/** Adam's averages moved by g; its constants are the entry's. */
const adamDirection = (freshMean: string, beta2: number, eps: number) =>
  `let mean = m[index] + ${freshMean} * (g - m[index]);
  let square = s[index] + ${float(1 - beta2)} * (g * g - s[index]);
  m[index] = mean;
  s[index] = square;
  let direction = mean / controls[group + 3] / (sqrt(square) / controls[group + 4] + ${float(eps)});`;

/** Direction, norms of each tensor, step. */
export function lamb({ betas, eps, always_adapt }: SpecNamed<"lamb">): StagedRule {
  return {
    slots: ["m", "s"],
    stages: [
      {
        kind: "values",
        clipped: true,
        reads: ["weights"],
        writes: ["gradients", "m", "s"],
        body: `${adamDirection("(1.0 - momentum)", betas[1], eps)}
  gradients[index] = direction + controls[group + 2] * w;`,
      },
      {
        kind: "sums",
        over: "tensor",
        clipped: false,
        reads: ["weights", "gradients"],
        writes: [],
        body: "let pair = vec2<f32>(weights[index] * weights[index], gradients[index] * gradients[index]);",
      },
      {
        kind: "values",
        clipped: false,
        reads: ["gradients", "places", "sums"],
        writes: ["weights"],
        body: `let sum = vec2<f32>(sums[2 * tensor], sums[2 * tensor + 1]);
  let adapts = ${always_adapt ? "true" : "controls[group + 2] > 0.0"} && sum.x > 0.0 && sum.y > 0.0;
  let ratio = select(1.0, sqrt(sum.x / sum.y), adapts);
  weights[index] = w - lr * ratio * gradients[index];`,
      },
    ],
  };
}

/** Sums over all weights, the estimate of the rate, step. `scalars` are d and the numerator, now and before. */
export function prodigy(
  { betas, eps, d0, d_coef, safeguard_warmup }: SpecNamed<"prodigy">,
): StagedRule {
  const [first, kept] = [float(d0), float(Math.sqrt(betas[1]))];
  const estimate = (at: number) => `select(${first}, scalars[${at}], scalars[${at}] > 0.0)`;
  return {
    slots: ["m", "s", "q", "p"],
    stages: [
      {
        kind: "sums",
        over: "all",
        clipped: true,
        reads: ["p", "scalars"],
        writes: ["gradients", "q"],
        body: `let d = ${estimate(0)};
  let rate = d * lr * controls[group + 3];
  gradients[index] = g;
  let part = ${kept} * q[index] + d / ${first} * ${safeguard_warmup ? "d" : "rate"} * g;
  q[index] = part;
  let pair = vec2<f32>(d / ${first} * rate * (g * p[index]), abs(part));`,
      },
      {
        kind: "scalars",
        body: `let d = ${estimate(0)};
  let numerator = ${kept} * scalars[1] + sums[0];
  scalars[2] = d;
  scalars[3] = scalars[1];
  let moves = sums[1] != 0.0;
  scalars[0] = select(d, max(d, ${float(d_coef)} * numerator / sums[1]), moves);
  scalars[1] = select(scalars[1], numerator, moves);`,
      },
      {
        kind: "values",
        clipped: false,
        reads: ["gradients", "scalars"],
        writes: ["weights", "m", "s", "p"],
        body: `let d = scalars[2];
  let g = gradients[index];
  let scaled = d * g;
  let mean = m[index] + (1.0 - momentum) * (scaled - m[index]);
  let square = s[index] + ${float(1 - betas[1])} * (scaled * scaled - s[index]);
  m[index] = mean;
  s[index] = square;
  let direction = controls[group + 2] * w + mean / (sqrt(square) + scalars[0] * ${float(eps)});
  let change = d * lr * controls[group + 3] * direction;
  weights[index] = w - change;
  p[index] = p[index] + change;`,
      },
    ],
  };
}

/** Direction, norms of each tensor, Newton–Schulz on hidden kernels, step. */
export function muon({ nesterov, adamw_lr_ratio, betas, eps }: SpecNamed<"muon">): StagedRule {
  return {
    slots: ["m", "s"],
    stages: [
      {
        kind: "values",
        clipped: true,
        reads: ["places"],
        writes: ["gradients", "m", "s"],
        body: `if (hidden) {
    let average = m[index] + (1.0 - momentum) * (g - m[index]);
    m[index] = average;
    gradients[index] = ${nesterov ? "g + momentum * (average - g)" : "average"};
    return;
  }
  ${adamDirection(float(1 - betas[0]), betas[1], eps)}
  gradients[index] = direction;`,
      },
      {
        kind: "sums",
        over: "tensor",
        clipped: false,
        reads: ["gradients"],
        writes: [],
        body: "let pair = vec2<f32>(0.0, gradients[index] * gradients[index]);",
      },
      { kind: "orthogonalise" },
      {
        kind: "values",
        clipped: false,
        reads: ["gradients", "places"],
        writes: ["weights"],
        body: `let rate = select(${float(adamw_lr_ratio)} * lr, lr, hidden);
  weights[index] = w - rate * (controls[group + 2] * w + gradients[index]);`,
      },
    ],
  };
}
