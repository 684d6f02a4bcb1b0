import { float, type Kernel, kernel, MAX_TRIPS, split } from "../kernel.ts";

/** Added to the gradient's norm before dividing by it, as `torch.nn.utils.clip_grad_norm_` does. */
const CLIP_EPSILON = 1e-6;
const CLIP_PARTS = 256;

/** `(gradients) → parts`: sums of squares. Padding between parameters holds zeros. */
export function squareSums(length: number): { kernel: Kernel; parts: number } {
  const { parts, each } = split(length, Math.max(CLIP_PARTS, Math.ceil(length / MAX_TRIPS)));
  return {
    parts,
    kernel: kernel({
      name: "square_sums",
      reads: { gradients: "f32" },
      writes: { partial: "f32" },
      sizes: { invocations: parts, rows: length, parts, each },
      body: `var sum = 0.0;
  let end = min((index + 1) * sizes.each, sizes.rows);
  for (var at = index * sizes.each; at < end; at++) { sum = fma(gradients[at], gradients[at], sum); }
  partial[index] = sum;`,
    }),
  };
}

/** `(parts) → factor`: min(1, bound / (‖gradient‖ + 1e-6)). */
export function clipFactor(parts: number, bound: number): Kernel {
  return kernel({
    name: "clip_factor",
    reads: { partial: "f32" },
    writes: { factor: "f32" },
    sizes: { invocations: 1, parts },
    body: `var sum = 0.0;
  for (var part = 0; part < sizes.parts; part++) { sum = sum + partial[part]; }
  // Written so that a norm that is not a number gives a factor that is none either.
  let shrunk = ${float(bound)} / (sqrt(sum) + ${float(CLIP_EPSILON)});
  factor[index] = select(shrunk, 1.0, shrunk > 1.0);`,
  });
}

/**
 * `(gradients, controls [lr, momentum, …], [factor]) → weights, velocities`: torch.optim.SGD over all parameters at
 * once, with rate and momentum as data.
 *
 *     g ← factor · gradient + weight_decay · w;   v ← momentum · v + g;   w ← w − lr · (g + momentum · v  or  v)
 */
export function sgd(
  length: number,
  options: { readonly weightDecay: number; readonly nesterov: boolean; readonly clip: boolean },
): Kernel {
  const gradient = options.clip ? "gradients[index] * factor[0]" : "gradients[index]";
  const decayed = options.weightDecay === 0
    ? gradient
    : `${gradient} + weights[index] * ${float(options.weightDecay)}`;
  return kernel({
    name: "sgd",
    reads: { gradients: "f32", controls: "f32", ...(options.clip ? { factor: "f32" } : {}) },
    writes: { weights: "f32", velocities: "f32" },
    sizes: { invocations: length },
    body: `let gradient = ${decayed};
  let velocity = controls[1] * velocities[index] + gradient;
  velocities[index] = velocity;
  weights[index] = weights[index] - controls[0] * ${
      options.nesterov ? "(gradient + controls[1] * velocity)" : "velocity"
    };`,
  });
}
