import { assertNever } from "#lib/assert_never.ts";
import { dropoutKey } from "../dropout.ts";
import type { Model } from "../model.ts";
import { type Parameter, parametersOf } from "../parameters.ts";
import { type Scratch, TABLE_BYTES } from "./convolution.ts";
import { fuse, type Fused } from "./fuse.ts";
import { gradientMargins, inputMargins, packedFloats, tileFloats } from "./geometry.ts";
import { Arena, type Plane } from "./plane.ts";
import { averageStage, dropoutStage, poolStage, reluStage } from "./pool_stages.ts";
import { batchNormStage, convStage, type Slot, type Stage } from "./stages.ts";

/** Where everything of a model lies in memory, and what runs on it. */
export interface Plan {
  readonly stages: readonly Stage[];
  /** `[batch, height, width, channels]`, in the margins that the first layer wants. */
  readonly input: Plane;
  /** `[batch, classes]`, dense, like their gradient. */
  readonly logits: number;
  readonly logitsGradient: number;
  /** The address of every variable. */
  readonly addresses: ReadonlyMap<string, number>;
  /** The trainable variables as one array, and their gradients as one more of its layout. */
  readonly weights: number;
  readonly gradients: number;
  /** Floats in each of the two, a multiple of 4. */
  readonly trainableFloats: number;
}

/** Plans the buffers of a model for batches of at most `batch` images; dropout draws from `noiseSeed`. */
export function planModel(model: Model, batch: number, arena: Arena, noiseSeed = 0): Plan {
  const fused = fuse(model);
  const variables = placeVariables(parametersOf(model), arena);
  const scratch = placeScratch(fused, arena);

  // 1. Activations: each in the margins that the layer after it wants.
  const planes = fused.map(({ geometry, shape }) =>
    arena.plane(batch, shape, geometry ? inputMargins(geometry) : undefined)
  );
  const logits = arena.plane(batch, [1, 1, model.classes]);
  planes.push(logits);

  // 2. Gradients: from the last layer to the first, each in the layout that the layer before it wants.
  const logitsGradient = arena.plane(batch, [1, 1, model.classes]);
  const stages: Stage[] = [];
  let outGradient = logitsGradient;
  for (let index = fused.length - 1; index >= 0; index--) {
    const inGradient = index === 0 ? null : gradientPlane(fused[index]!, fused[index - 1]!, batch, arena);
    stages.unshift(
      buildStage(fused, index, {
        arena,
        batch,
        scratch,
        noiseSeed,
        slot: variables.slot,
        input: planes[index]!,
        output: planes[index + 1]!,
        outGradient,
        inGradient,
      }),
    );
    outGradient = inGradient ?? outGradient;
  }
  const { weights, gradients, trainableFloats, addresses } = variables;
  return {
    stages,
    input: planes[0]!,
    logits: logits.at,
    logitsGradient: logitsGradient.at,
    addresses,
    weights,
    gradients,
    trainableFloats,
  };
}

/** True where the layer behind writes the gradient before the ReLU, and the bias's, by itself. */
function writesThrough({ layer, relu }: Fused, next: Fused | undefined): boolean {
  if (layer.kind !== "conv" || !next) return false;
  return next.layer.kind === "max_pool" ||
    (!relu && !layer.bias && next.layer.kind !== "global_average_pool");
}

/** Where `current` writes the gradient of its input, for `before` to read. */
function gradientPlane(current: Fused, before: Fused, batch: number, arena: Arena): Plane {
  if (current.layer.kind === "global_average_pool") {
    const [height, width, channels] = current.shape;
    return { ...arena.plane(batch, [1, 1, channels]), height, width, pixel: 0, row: 0 };
  }
  return writesThrough(before, current)
    ? linearPlane(before, batch, arena)
    : arena.plane(batch, before.output);
}

/** The gradient of a convolution's output, spread out as the gradient of its input needs it. */
function linearPlane({ geometry, output }: Fused, batch: number, arena: Arena): Plane {
  return arena.plane(batch, output, gradientMargins(geometry!), geometry!.stride);
}

interface Place {
  readonly arena: Arena;
  readonly batch: number;
  readonly scratch: Scratch;
  readonly noiseSeed: number;
  readonly slot: (name: string) => Slot;
  readonly input: Plane;
  readonly output: Plane;
  readonly outGradient: Plane;
  readonly inGradient: Plane | null;
}

function buildStage(fused: readonly Fused[], index: number, place: Place): Stage {
  const current = fused[index]!;
  const { layer, relu, geometry } = current;
  const { arena, batch, slot, outGradient } = place;
  const inGradient = () => place.inGradient ?? arena.plane(batch, current.shape);
  switch (layer.kind) {
    case "conv": {
      const direct = writesThrough(current, fused[index + 1]);
      return convStage({
        ...place,
        geometry: geometry!,
        relu,
        kernel: slot(`${layer.name}/kernel`),
        bias: layer.bias ? slot(`${layer.name}/bias`) : null,
        outGradient: direct ? null : outGradient,
        linearGradient: direct ? outGradient : linearPlane(current, batch, arena),
      });
    }
    case "batch_norm":
      return batchNormStage({
        ...place,
        relu,
        gamma: slot(`${layer.name}/gamma`),
        beta: slot(`${layer.name}/beta`),
        movingMean: slot(`${layer.name}/moving_mean`).value,
        movingVariance: slot(`${layer.name}/moving_variance`).value,
        mean: arena.floats(current.shape[2]),
        inverse: arena.floats(current.shape[2]),
        sums: arena.allocate(28 * current.shape[2]),
        inGradient: inGradient(),
      });
    case "max_pool": {
      const before = fused[index - 1];
      const conv = before?.layer.kind === "conv" ? before.layer : null;
      return poolStage({
        ...place,
        size: layer.size,
        reluBefore: conv !== null && before!.relu,
        biasBefore: conv?.bias ? slot(`${conv.name}/bias`) : null,
      });
    }
    case "global_average_pool":
      return averageStage({ ...place, inGradient: inGradient() });
    case "relu":
      return reluStage(place);
    case "dropout":
      return dropoutStage({ ...place, key: dropoutKey(place.noiseSeed, layer.name), rate: layer.rate });
    default:
      return assertNever(layer);
  }
}

function placeScratch(fused: readonly Fused[], arena: Arena): Scratch {
  const geometries = fused.flatMap(({ geometry }) => geometry ? [geometry] : []);
  const floats = Math.max(0, ...geometries.map(packedFloats));
  return {
    packed: arena.floats(floats),
    work: arena.floats(floats),
    table: arena.allocate(TABLE_BYTES),
    tiles: arena.floats(Math.max(0, ...geometries.map(tileFloats))),
  };
}

/** Floats that a variable takes in the arrays of {@link Plan}. */
export function paddedFloats(shape: readonly number[]): number {
  return Math.ceil(shape.reduce((product, size) => product * size, 1) / 4) * 4;
}

/** Trainable variables side by side, each from a multiple of 4 floats; the statistics of batch norm by themselves. */
function placeVariables(parameters: readonly Parameter[], arena: Arena) {
  const size = ({ shape }: Parameter) => paddedFloats(shape);
  const trainable = parameters.filter((parameter) => parameter.trainable);
  const trainableFloats = trainable.reduce((sum, parameter) => sum + size(parameter), 0);
  const weights = arena.floats(trainableFloats);
  const gradients = arena.floats(trainableFloats);
  const slots = new Map<string, Slot>();
  let offset = 0;
  for (const parameter of parameters) {
    if (parameter.trainable) {
      slots.set(parameter.name, { value: weights + offset, gradient: gradients + offset });
      offset += size(parameter) * 4;
    } else {
      slots.set(parameter.name, { value: arena.floats(size(parameter)), gradient: 0 });
    }
  }
  const slot = (name: string) => slots.get(name)!;
  const addresses = new Map([...slots].map(([name, { value }]) => [name, value]));
  return { slot, addresses, weights, gradients, trainableFloats };
}
