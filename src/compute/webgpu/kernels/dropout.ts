import { dropoutThreshold, keptFactor } from "../../dropout_mask.ts";
import { float, type Kernel, kernel } from "../kernel.ts";

/** Words of the mask buffer before the keys of the layers: the step's number, and the place of the first image. */
export const MASK_HEAD = 2;

/**
 * `(x, dropoutMask, [input]) → y [batch, units]`: dropout as `compute/dropout_mask.ts` defines it, of activations, weights
 * of attention and gradients alike. `place` is the layer's among those that drop something. With `mask`, 0 where the
 * layer's input is not above 0.
 */
export function dropout(
  [batch, units]: readonly [number, number],
  rate: number,
  options: { readonly place: number; readonly mask: boolean },
): Kernel {
  const kept = `bits >= ${dropoutThreshold(rate)}u${options.mask ? " && input[index] > 0.0" : ""}`;
  return kernel({
    name: `dropout ${units}`,
    reads: { x: "f32", dropoutMask: "u32", ...(options.mask ? { input: "f32" } : {}) },
    writes: { y: "f32" },
    sizes: { invocations: batch * units },
    functions: THREEFRY,
    body: `let image = dropoutMask[1] + u32(index / ${units});
  let bits = threefry(dropoutMask[${
      MASK_HEAD + options.place
    }], dropoutMask[0], image, u32(index % ${units}));
  y[index] = select(0.0, x[index] * ${float(keptFactor(rate))}, ${kept});`,
  });
}

const round = (by: number) => `a = a + b; b = ((b << ${by}u) | (b >> ${32 - by}u)) ^ a;`;
const EVEN = [13, 15, 26, 6].map(round).join(" ");
const ODD = [17, 29, 16, 24].map(round).join(" ");

/** The first word of Threefry2x32 with 20 rounds (Salmon et al., 2011). */
const THREEFRY = `
fn threefry(key0: u32, key1: u32, counter0: u32, counter1: u32) -> u32 {
  let key2 = 0x1bd11bdau ^ key0 ^ key1;
  var a = counter0 + key0;
  var b = counter1 + key1;
  ${EVEN} a = a + key1; b = b + key2 + 1u;
  ${ODD} a = a + key2; b = b + key0 + 2u;
  ${EVEN} a = a + key0; b = b + key1 + 3u;
  ${ODD} a = a + key1; b = b + key2 + 4u;
  ${EVEN}
  return a + key2;
}`;
