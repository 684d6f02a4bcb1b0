import * as tf from "@tensorflow/tfjs";
import { assertNever } from "#lib/assert_never.ts";
import type { LearnerOptions, PlainDevice } from "../device.ts";
import { takeBackend } from "./backend.ts";
import { TfjsLearner } from "./learner.ts";

/** `webgpu` has our convolutions registered on it; `stock webgpu` is as tfjs ships it, for comparison. */
export type TfjsBackend = "cpu" | "wasm" | "webgpu" | "stock webgpu";

/**
 * TensorFlow.js, op by op: slow, and made of other parts than the lab's own devices, so a check on them.
 *
 * @throws {Error} where tfjs does not take the backend, instead of continuing with another.
 */
export async function openTfjsDevice(backend: TfjsBackend, why = ""): Promise<PlainDevice> {
  // Keeps tfjs's banner ("looks like you are running in Node.js") away.
  tf.enableProdMode();
  switch (backend) {
    case "cpu":
      await takeBackend("cpu");
      return device("cpu", "JavaScript (tfjs)", why);
    case "wasm": {
      await import("@tensorflow/tfjs-backend-wasm");
      await takeBackend("wasm");
      (await import("../wasm/register.ts")).registerWasmKernels();
      return device("wasm", "WASM (tfjs)", why);
    }
    case "webgpu":
    case "stock webgpu": {
      const { Gpu } = await import("../webgpu/gpu.ts");
      const { takeWebgpuBackend } = await import("./webgpu_backend.ts");
      const gpu = await Gpu.open();
      await takeWebgpuBackend(gpu, backend === "webgpu" ? "own" : "stock");
      const wrong = backend === "stock webgpu" && gpu.loopsEndEarly;
      const note = wrong ? "; its gradients are wrong on this driver, which ends long loops early" : "";
      return device("webgpu", `${gpu.facts.name} (tfjs)`, why, note, () => {
        tf.removeBackend("webgpu");
        gpu[Symbol.dispose]();
      }, () => gpu.assertHealthy());
    }
    default:
      return assertNever(backend);
  }
}

function device(
  backend: "cpu" | "wasm" | "webgpu",
  name: string,
  why: string,
  note = "",
  dispose = () => {},
  assertHealthy = () => {},
): PlainDevice {
  const detail = `TensorFlow.js ${tf.version["tfjs-core"]}, op by op${note}`;
  return {
    info: { backend, name, detail, why },
    // deno-lint-ignore require-await -- what the device cannot do rejects
    createLearner: async (options: LearnerOptions) => new TfjsLearner(options, assertHealthy),
    [Symbol.dispose]: dispose,
  };
}
