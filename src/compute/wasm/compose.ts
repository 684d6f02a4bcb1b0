import * as tf from "@tensorflow/tfjs-core";

/** What tfjs hands to a kernel for the gradient of a convolution's filter: tensors, whatever the type says. */
interface FilterGradientArguments {
  readonly inputs: { readonly x: tf.Tensor4D; readonly dy: tf.Tensor4D };
  readonly attrs: {
    readonly strides: number | [number, number];
    readonly pad: "valid" | "same" | number | tf.backend_util.ExplicitPadding;
    readonly dataFormat: "NHWC" | "NCHW";
    readonly dimRoundingMode?: "floor" | "round" | "ceil";
    readonly filterShape: [number, number, number, number];
  };
}

/**
 * Registers `Conv2DBackpropFilter`, the one kernel that training a convolution on tfjs's wasm backend lacks
 * (tensorflow/tfjs issue 8474), as a composition of tfjs ops: the columns of the padded input (im2col) times the
 * output's gradient. Any kernel size, stride and padding. A kernel that is registered already stays.
 */
export function registerMissingWasmKernels(): void {
  if (tf.getKernel("Conv2DBackpropFilter", "wasm")) return;
  tf.registerKernel({
    kernelName: "Conv2DBackpropFilter",
    backendName: "wasm",
    kernelFunc: (args) => composedFilterGradient(args as unknown as FilterGradientArguments),
  });
}

/** dW[ky, kx] = x[:, ky :: stride, kx :: stride, :]ᵀ · dy over all images and output pixels. */
function composedFilterGradient({ inputs: { x, dy }, attrs }: FilterGradientArguments): tf.TensorInfo {
  if (attrs.dataFormat !== "NHWC") {
    throw new TypeError(`Conv2DBackpropFilter on wasm needs data format NHWC, got ${attrs.dataFormat}`);
  }
  const info = tf.backend_util.computeConv2DInfo(
    x.shape,
    attrs.filterShape,
    attrs.strides,
    1,
    attrs.pad,
    attrs.dimRoundingMode,
  );
  const { padInfo, strideHeight, strideWidth, outHeight, outWidth, inChannels, outChannels } = info;
  const pixels = info.batchSize * outHeight * outWidth;
  return tf.tidy(() => {
    const padded = tf.pad(x, [
      [0, 0],
      [padInfo.top, padInfo.bottom],
      [padInfo.left, padInfo.right],
      [
        0,
        0,
      ],
    ]);
    const columns: tf.Tensor[] = [];
    for (let ky = 0; ky < info.filterHeight; ky++) {
      for (let kx = 0; kx < info.filterWidth; kx++) {
        const end = [
          info.batchSize,
          ky + (outHeight - 1) * strideHeight + 1,
          kx + (outWidth - 1) * strideWidth + 1,
          inChannels,
        ];
        const seen = tf.stridedSlice(padded, [0, ky, kx, 0], end, [1, strideHeight, strideWidth, 1]);
        columns.push(tf.reshape(seen, [pixels, inChannels]));
      }
    }
    const gradient = tf.matMul(tf.concat(columns, 1), tf.reshape(dy, [pixels, outChannels]), true);
    return tf.reshape(gradient, attrs.filterShape);
  });
}
