import { missingKernel } from "../missing_kernel.ts";
import { concatStage } from "./concat_stage.ts";
import { dropsOf } from "./drops.ts";
import { type Branches, type Fused, isBranched } from "./fuse.ts";
import { gradientMargins, inputMargins, isPointwise } from "./geometry.ts";
import { type Arena, channelsOf, isDense, type Margins, type Plane } from "./plane.ts";
import type { Builder, Builders, Ends, Kind, Place, Room } from "./plan_place.ts";
import { averageStage, dropoutStage, poolStage, reluStage } from "./pool_stages.ts";
import { type Branch, residualStage } from "./residual_stage.ts";
import { batchNormStage, convStage, type Stage } from "./stages.ts";
import { TOKEN_STAGES } from "./token_stages.ts";
import { upsampleStage } from "./upsample_stage.ts";

/** Plans layers that follow one another. */
export function planLayers(fused: readonly Fused[], room: Room, ends: Ends): Stage[] {
  const { arena, batch } = room;

  // 1. Activations: each in the margins that the layer after it wants.
  const planes = fused.map(({ shape }, index) =>
    index === 0 ? ends.input : arena.plane(batch, shape, wantedMargins(fused.slice(index)))
  );
  planes.push(ends.output);

  // 2. Gradients: from the last layer to the first, each in the layout that the layer before it wants.
  const stages: Stage[] = [];
  let outGradient = ends.outGradient;
  for (let index = fused.length - 1; index >= 0; index--) {
    const inGradient = index === 0
      ? ends.inGradient
      : gradientPlane(fused[index]!, fused[index - 1], batch, arena);
    stages.unshift(
      buildStage(fused, index, {
        ...room,
        input: planes[index]!,
        output: planes[index + 1]!,
        outGradient,
        inGradient,
      }),
    );
    outGradient = inGradient ?? outGradient;
  }
  return stages;
}

/** Margins that the input of layers must have; `undefined` for none. */
export function wantedMargins([first]: readonly Fused[]): Margins | undefined {
  if (!first) return undefined;
  if (first.geometry) return inputMargins(first.geometry);
  if (!isBranched(first.layer)) return undefined;
  const [main, shortcut] = [first.layer.main, first.layer.shortcut].map(wantedMargins);
  return main && shortcut ? both(main, shortcut) : main ?? shortcut;
}

/** The least margins that have room for either. */
function both(a: Margins, b: Margins): Margins {
  const [top, left] = [Math.max(a.top, b.top), Math.max(a.left, b.left)];
  return {
    top,
    left,
    rows: top + Math.max(a.rows - a.top, b.rows - b.top),
    columns: left + Math.max(a.columns - a.left, b.columns - b.left),
  };
}

/** Branches read the block's input where it lies; their outputs and gradients have planes of their own. */
function planResidual({ output, relu }: Fused, { main, shortcut }: Branches, place: Place): Stage {
  const { arena, batch, input, inGradient } = place;
  const sumGradient = relu || !isDense(place.outGradient) ? arena.plane(batch, output) : place.outGradient;
  const branch = (fused: readonly Fused[]): Branch => {
    if (fused.length === 0) return { stages: [], output: input, inGradient: sumGradient };
    const ends: Ends = {
      input,
      output: arena.plane(batch, output),
      outGradient: sumGradient,
      inGradient: inGradient && gradientPlane(fused[0]!, undefined, batch, arena),
    };
    return { stages: planLayers(fused, place, ends), output: ends.output, inGradient: ends.inGradient };
  };
  return residualStage({ ...place, main: branch(main), shortcut: branch(shortcut), relu, sumGradient });
}

/** The gradients of both branches lie in the output's own gradient, channel by channel. */
function planConcat({ main, shortcut }: Branches, place: Place): Stage {
  const { arena, batch, input, output, outGradient, inGradient } = place;
  const { height, width } = output;
  let first = 0;
  const branch = (fused: readonly Fused[]): Branch => {
    const channels = fused.at(-1)?.output[2] ?? input.channels;
    const gradient = channelsOf(outGradient, first, channels);
    first += channels;
    if (fused.length === 0) return { stages: [], output: input, inGradient: gradient };
    const ends: Ends = {
      input,
      output: arena.plane(batch, [height, width, channels]),
      outGradient: gradient,
      inGradient: inGradient && gradientPlane(fused[0]!, undefined, batch, arena),
    };
    return { stages: planLayers(fused, place, ends), output: ends.output, inGradient: ends.inGradient };
  };
  return concatStage({ output, inGradient, main: branch(main), shortcut: branch(shortcut) });
}

/** True where the layer behind writes the gradient before the ReLU, and the bias's, by itself. */
function writesThrough({ layer, relu }: Fused, next: Fused | undefined): boolean {
  if (layer.kind !== "conv" || !next) return false;
  return next.layer.kind === "max_pool" ||
    (!relu && !layer.bias && next.layer.kind !== "global_average_pool");
}

/** The plane that `current` writes the gradient of its input to, for `before` (if any) to read. */
function gradientPlane(current: Fused, before: Fused | undefined, batch: number, arena: Arena): Plane {
  if (current.layer.kind === "global_average_pool") {
    const [height, width, channels] = current.shape;
    return { ...arena.plane(batch, [1, 1, channels]), height, width, pixel: 0, row: 0 };
  }
  return before && writesThrough(before, current)
    ? linearPlane(before, batch, arena)
    : arena.plane(batch, current.shape);
}

/** The gradient of a convolution's output, spread out as the gradient of its input needs it. */
function linearPlane({ geometry, output }: Fused, batch: number, arena: Arena): Plane {
  return arena.plane(batch, output, gradientMargins(geometry!), geometry!.stride);
}

/** By the layer's kind; dense layers come as convolutions, ReLUs mostly inside the layer before them. */
const STAGES: Builders = {
  conv: (layer, { fused, index, current }, place) => {
    const direct = writesThrough(current, fused[index + 1]);
    // Without margins or a ReLU both gradients are one.
    const own = !current.relu && isPointwise(current.geometry!) && isDense(place.outGradient);
    return convStage({
      ...place,
      geometry: current.geometry!,
      relu: current.relu,
      kernel: place.slot(`${layer.name}/kernel`),
      bias: layer.bias ? place.slot(`${layer.name}/bias`) : null,
      outGradient: direct ? null : place.outGradient,
      linearGradient: direct || own ? place.outGradient : linearPlane(current, place.batch, place.arena),
    });
  },
  batch_norm: (layer, { current }, place) => {
    const { arena, slot } = place;
    return batchNormStage({
      ...place,
      relu: current.relu,
      gamma: slot(`${layer.name}/gamma`),
      beta: slot(`${layer.name}/beta`),
      movingMean: slot(`${layer.name}/moving_mean`).value,
      movingVariance: slot(`${layer.name}/moving_variance`).value,
      mean: arena.floats(current.shape[2]),
      inverse: arena.floats(current.shape[2]),
      sums: arena.allocate(28 * current.shape[2]),
      inGradient: inGradientOf(current, place),
    });
  },
  max_pool: (layer, { fused, index }, place) => {
    const before = fused[index - 1];
    const conv = before?.layer.kind === "conv" ? before.layer : null;
    return poolStage({
      ...place,
      size: layer.size,
      reluBefore: conv !== null && before!.relu,
      biasBefore: conv?.bias ? place.slot(`${conv.name}/bias`) : null,
    });
  },
  global_average_pool: (_layer, { current }, place) =>
    averageStage({ ...place, inGradient: inGradientOf(current, place) }),
  relu: (_layer, _at, place) => reluStage(place),
  dropout: (layer, _at, place) => dropoutStage({ ...place, drops: dropsOf(layer, place.dropoutSeed) }),
  residual: (layer, { current }, place) => planResidual(current, layer, place),
  concat: (layer, _at, place) => planConcat(layer, place),
  upsample: ({ size }, _at, place) => upsampleStage({ ...place, size }),
  ...TOKEN_STAGES,
};

function inGradientOf(current: Fused, { inGradient, arena, batch }: Place): Plane {
  return inGradient ?? arena.plane(batch, current.shape);
}

/** @throws {TypeError} for a layer that there are no kernels for. */
function buildStage(fused: readonly Fused[], index: number, place: Place): Stage {
  const current = fused[index]!;
  const { kind } = current.layer;
  const build = STAGES[kind] as Builder<Kind> | undefined;
  if (!build) throw missingKernel("WASM", "layer", kind, ["dense", ...Object.keys(STAGES)]);
  return build(current.layer, { fused, index, current }, place);
}
