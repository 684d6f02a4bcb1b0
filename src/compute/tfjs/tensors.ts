import * as tf from "@tensorflow/tfjs";

/** One read for all: every wait for a GPU costs milliseconds, however little is read. */
export async function readAndDispose(tensors: tf.Tensor1D[]): Promise<Float32Array> {
  const all = tf.concat(tensors);
  tf.dispose(tensors);
  const values = await all.data<"float32">();
  all.dispose();
  return values;
}

/** `[batch, classes]`: 1 at the label of each image. */
export function oneHot(labels: Uint8Array, indices: Uint32Array, classes: number): tf.Tensor2D {
  const values = new Float32Array(indices.length * classes);
  indices.forEach((image, item) => values[item * classes + labels[image]!] = 1);
  return tf.tensor2d(values, [indices.length, classes]);
}
