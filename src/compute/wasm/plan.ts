import type { Model } from "../model.ts";
import { type Parameter, parametersOf } from "../parameters.ts";
import { segmentedSize } from "../segmentation.ts";
import { TABLE_BYTES } from "./convolution.ts";
import { attentionFloats } from "./attention_stage.ts";
import { attentionsOf, fuse, type Fused, geometriesOf } from "./fuse.ts";
import { packedFloats, tileFloats } from "./geometry.ts";
import { planLayers, wantedMargins } from "./plan_layers.ts";
import type { PlanScratch } from "./plan_place.ts";
import type { Arena, Plane } from "./plane.ts";
import type { Slot, Stage } from "./stages.ts";

/** Addresses of everything of a model, and its stages. */
export interface Plan {
  readonly stages: readonly Stage[];
  /** `[batch, height, width, channels]`, in the margins that the first layer wants. */
  readonly input: Plane;
  /** `[batch, classes]`, or `[batch, height, width, classes]` of a network that segments; dense, like their gradient. */
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

/** Plans the buffers of a model for batches of at most `batch` images; dropout draws from `dropoutSeed`. */
export function planModel(model: Model, batch: number, arena: Arena, dropoutSeed = 0): Plan {
  const fused = fuse(model.layers, model.input);
  const variables = placeVariables(parametersOf(model), arena);
  const scratch = placeScratch(fused, arena);

  const input = arena.plane(batch, fused[0]!.shape, wantedMargins(fused));
  const output = segmentedSize(model) ?? [1, 1, model.classes] as const;
  const logits = arena.plane(batch, output);
  const logitsGradient = arena.plane(batch, output);
  const stages = planLayers(fused, { arena, batch, scratch, dropoutSeed, slot: variables.slot }, {
    input,
    output: logits,
    outGradient: logitsGradient,
    inGradient: null,
  });
  const { weights, gradients, trainableFloats, addresses } = variables;
  return {
    stages,
    input,
    logits: logits.at,
    logitsGradient: logitsGradient.at,
    addresses,
    weights,
    gradients,
    trainableFloats,
  };
}

/** Areas as large as the largest layer needs. */
export function placeScratch(fused: readonly Fused[], arena: Arena): PlanScratch {
  const geometries = geometriesOf(fused);
  const floats = Math.max(0, ...geometries.map(packedFloats));
  return {
    packed: arena.floats(floats),
    work: arena.floats(floats),
    table: arena.allocate(TABLE_BYTES),
    tiles: arena.floats(Math.max(0, ...geometries.map(tileFloats))),
    attention: arena.floats(Math.max(0, ...attentionsOf(fused).map(attentionFloats))),
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
