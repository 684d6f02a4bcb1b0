import type { LayerKind } from "../layers/catalog.ts";
import type { ConvLayer, Layer } from "../model.ts";
import { outputShape } from "../parameters.ts";
import type { AttentionSizes } from "./attention_stage.ts";
import { axis, type Geometry } from "./geometry.ts";

/** A layer that computes, with the ReLU behind it taken in where it can be. */
export interface Fused {
  readonly layer:
    | Exclude<Layer, { kind: "relu" | "dense" | "residual" | "concat" }>
    | { readonly kind: "relu" }
    | Branches<"residual">
    | Branches<"concat">;
  readonly relu: boolean;
  readonly geometry: Geometry | null;
  readonly shape: ImageShape;
  readonly output: ImageShape;
}

/** A layer of two branches, both fused. */
export interface Branches<K extends "residual" | "concat" = "residual" | "concat"> {
  readonly kind: K;
  readonly main: readonly Fused[];
  readonly shortcut: readonly Fused[];
}

export type ImageShape = readonly [height: number, width: number, channels: number];

/** Takes each ReLU into the convolution, batch norm or sum before it, and turns dense layers into convolutions. */
export function fuse(layers: readonly Layer[], input: readonly number[]): Fused[] {
  const fused: Fused[] = [];
  let shape = input;
  for (const layer of layers) {
    const output = outputShape(layer, shape);
    const before = fused.at(-1);
    if (layer.kind === "relu" && before && !before.relu && TAKE_RELU.includes(before.layer.kind)) {
      fused[fused.length - 1] = { ...before, relu: true };
    } else {
      const plain = simplify(layer, shape);
      const geometry = plain.kind === "conv" ? geometryOf(plain, image(shape)) : null;
      fused.push({ layer: plain, relu: false, geometry, shape: image(shape), output: image(output) });
    }
    shape = output;
  }
  return fused;
}

/** The convolutions among layers, those of branches and dense layers too. */
export function geometriesOf(fused: readonly Fused[]): Geometry[] {
  return fused.flatMap(({ layer, geometry }) => {
    if (isBranched(layer)) return [layer.main, layer.shortcut].flatMap(geometriesOf);
    return geometry ? [geometry] : [];
  });
}

/** The attention layers among layers, those of branches too. */
export function attentionsOf(fused: readonly Fused[]): AttentionSizes[] {
  return fused.flatMap(({ layer, output: [height, width, units] }) => {
    if (isBranched(layer)) return [layer.main, layer.shortcut].flatMap(attentionsOf);
    if (layer.kind !== "attention") return [];
    return [{ tokens: height * width, units, heads: layer.heads, causal: layer.causal }];
  });
}

/** True for a layer of two branches. */
export function isBranched(layer: Fused["layer"]): layer is Branches<"residual"> | Branches<"concat"> {
  return layer.kind === "residual" || layer.kind === "concat";
}

const TAKE_RELU: readonly string[] = ["conv", "batch_norm", "residual"];

function simplify(layer: Layer, shape: readonly number[]): Fused["layer"] {
  if (layer.kind === "dense") return denseAsConv(layer);
  if (layer.kind !== "residual" && layer.kind !== "concat") return layer;
  const branches = { main: fuse(layer.main, shape), shortcut: fuse(layer.shortcut, shape) };
  return layer.kind === "residual" ? { kind: "residual", ...branches } : { kind: "concat", ...branches };
}

function denseAsConv({ name, units }: LayerKind<"dense">): ConvLayer {
  return { kind: "conv", name, filters: units, kernel: 1, stride: 1, padding: "valid", bias: true };
}

/** Features are an image of one pixel. */
function image(shape: readonly number[]): ImageShape {
  return shape.length === 1 ? [1, 1, shape[0]!] : shape as ImageShape;
}

function geometryOf(layer: ConvLayer, [height, width, inChannels]: ImageShape): Geometry {
  const rows = axis(height, layer.kernel, layer.stride, layer.padding);
  const columns = axis(width, layer.kernel, layer.stride, layer.padding);
  return {
    input: [height, width],
    output: [rows.count, columns.count],
    kernel: [layer.kernel, layer.kernel],
    stride: [layer.stride, layer.stride],
    before: [rows.before, columns.before],
    inChannels,
    outChannels: layer.filters,
  };
}
