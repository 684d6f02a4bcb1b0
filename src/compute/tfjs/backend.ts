import * as tf from "@tensorflow/tfjs";

/**
 * Makes tfjs use a backend that is registered.
 *
 * @throws {Error} where it does not: `setBackend` only answers false, and `ready` continues with another backend.
 */
export async function takeBackend(name: string): Promise<void> {
  const taken = await tf.setBackend(name);
  if (!taken || tf.getBackend() !== name) {
    throw new Error(
      `TensorFlow.js cannot use its ${name} backend here; it would continue with ${tf.getBackend()}`,
    );
  }
}
