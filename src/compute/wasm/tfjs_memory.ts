import * as tf from "@tensorflow/tfjs-core";
import { type Geometry, packedFloats, tileFloats } from "./geometry.ts";
import { type Scratch, TABLE_BYTES } from "./convolution.ts";
import { type Kernels, loadKernels } from "./kernels.ts";

/** Private parts of tfjs's wasm backend (4.22.0): addresses of tensors, and allocation. */
interface WasmBackend {
  readonly wasm: {
    readonly asm?: { readonly memory?: WebAssembly.Memory };
    _malloc(bytes: number): number;
    _free(at: number): void;
  };
  readonly dataIdMap: { get(dataId: tf.DataId): { memoryOffset: number } };
  makeOutput(shape: readonly number[], dtype: tf.DataType): tf.TensorInfo;
  incRef(dataId: tf.DataId): void;
}

/** Arguments of a tfjs kernel. */
export interface KernelArguments<Attributes> {
  readonly inputs: Readonly<Record<string, tf.TensorInfo>>;
  readonly attrs: Attributes;
}

export type Shape4 = [number, number, number, number];

/** Kernels of the lab's own on the memory of tfjs's module: tensors are used where they lie. */
export class TfjsMemory {
  readonly kernels: Kernels;
  readonly #backend: WasmBackend;

  /** @throws {TypeError} where the backend is not that of tfjs 4.22.0. */
  constructor(backend: unknown) {
    const candidate = backend as WasmBackend;
    const memory = candidate?.wasm?.asm?.memory;
    if (!(memory instanceof WebAssembly.Memory) || typeof candidate.makeOutput !== "function") {
      throw new TypeError(
        `The wasm backend of TensorFlow.js ${tf.version_core} does not show its memory; 4.22.0 does`,
      );
    }
    this.#backend = candidate;
    this.kernels = loadKernels(memory);
  }

  /** The address of a tensor's values. */
  at({ dataId }: tf.TensorInfo): number {
    return this.#backend.dataIdMap.get(dataId).memoryOffset;
  }

  /** A new float tensor, not initialised. */
  output(shape: readonly number[]): tf.TensorInfo {
    return this.#backend.makeOutput(shape, "float32");
  }

  /** The same values under another tensor. */
  share({ dataId, shape, dtype }: tf.TensorInfo): tf.TensorInfo {
    this.#backend.incRef(dataId);
    return { dataId, shape, dtype };
  }

  /** Lends areas of the heap to `use`; each has 64 bytes behind it that kernels may read. */
  borrow<T>(sizes: readonly number[], use: (...at: number[]) => T): T {
    const areas: number[] = [];
    try {
      // _malloc answers with a signed number above 2 GiB.
      for (const bytes of sizes) areas.push(this.#backend.wasm._malloc(bytes + 64) >>> 0);
      if (areas.includes(0)) throw new RangeError(`The wasm heap has no ${Math.max(...sizes)} bytes left`);
      return use(...areas);
    } finally {
      for (const area of areas) this.#backend.wasm._free(area);
    }
  }

  /** Lends what a convolution needs besides its planes. */
  borrowScratch<T>(geometry: Geometry, use: (scratch: Scratch) => T): T {
    const bytes = packedFloats(geometry) * 4;
    return this.borrow(
      [bytes, bytes, TABLE_BYTES, tileFloats(geometry) * 4],
      (packed, work, table, tiles) => use({ packed: packed!, work: work!, table: table!, tiles: tiles! }),
    );
  }
}
