import * as tf from "@tensorflow/tfjs";
import type { Device, LearnerOptions } from "../device.ts";
import { TfjsLearner } from "./learner.ts";

/**
 * tfjs on one of its CPU backends. `cpu` is plain JavaScript: slow, and needs nothing. `wasm` is tfjs's own module
 * with the kernels that it lacks put together from those it has.
 *
 * @throws {Error} where tfjs does not take the backend, instead of going on with another.
 */
export async function openTfjsDevice(backend: "cpu" | "wasm", why = ""): Promise<Device> {
  // Keeps tfjs's banner ("looks like you are running in Node.js") and its NaN checks away.
  tf.enableProdMode();
  if (backend === "wasm") await import("@tensorflow/tfjs-backend-wasm");
  await takeBackend(backend);
  if (backend === "wasm") (await import("../wasm/compose.ts")).registerMissingWasmKernels();
  const detail = `TensorFlow.js ${tf.version["tfjs-core"]}, op by op`;
  return {
    info: { backend, name: backend === "wasm" ? "WASM (tfjs)" : "JavaScript (tfjs)", detail, why },
    createLearner: (options: LearnerOptions) => Promise.resolve(new TfjsLearner(options)),
    [Symbol.dispose]() {},
  };
}

/** `setBackend` answers false, and `ready` goes on with another backend, where the one asked for fails. */
export async function takeBackend(name: string): Promise<void> {
  const taken = await tf.setBackend(name);
  if (!taken || tf.getBackend() !== name) {
    throw new Error(
      `TensorFlow.js cannot use its ${name} backend here; it would go on with ${tf.getBackend()}`,
    );
  }
}
