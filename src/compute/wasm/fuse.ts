import type { ConvLayer, Layer, Model } from "../model.ts";
import { outputShape } from "../parameters.ts";
import { axis, type Geometry } from "./geometry.ts";

/** A layer that computes, with the ReLU behind it taken in where it can be. */
export interface Fused {
  readonly layer: Exclude<Layer, { kind: "relu" | "dense" }> | { readonly kind: "relu" };
  readonly relu: boolean;
  readonly geometry: Geometry | null;
  readonly shape: ImageShape;
  readonly output: ImageShape;
}

export type ImageShape = readonly [height: number, width: number, channels: number];

/** Takes each ReLU into the convolution or batch norm before it, and turns dense layers into convolutions. */
export function fuse(model: Model): Fused[] {
  const fused: Fused[] = [];
  let shape: readonly number[] = model.input;
  for (const layer of model.layers) {
    const output = outputShape(layer, shape);
    const before = fused.at(-1);
    if (
      layer.kind === "relu" && before && !before.relu && ["conv", "batch_norm"].includes(before.layer.kind)
    ) {
      fused[fused.length - 1] = { ...before, relu: true };
    } else {
      const plain = layer.kind === "dense" ? denseAsConv(layer) : layer;
      const geometry = plain.kind === "conv" ? geometryOf(plain, image(shape)) : null;
      fused.push({ layer: plain, relu: false, geometry, shape: image(shape), output: image(output) });
    }
    shape = output;
  }
  return fused;
}

function denseAsConv({ name, units }: Extract<Layer, { kind: "dense" }>): ConvLayer {
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
