import { type Kernel, kernel } from "./kernel.ts";

/** Past every cap that was seen, and short enough for any driver: 90,000 passes of one invocation. */
const OUTER = 300;
const INNER = 300;

/**
 * `(trips [outer, inner]) → count`: counts the passes of nested loops whose lengths the compiler cannot know. A driver
 * that ends long loops early, as Mesa's lavapipe did up to 22.3, counts fewer than outer × inner.
 */
export const loopCounter: Kernel = kernel({
  name: "loop_counter",
  reads: { trips: "u32" },
  writes: { count: "u32" },
  sizes: { invocations: 1 },
  body: `var passes = 0u;
  for (var outer = 0u; outer < trips[0]; outer++) {
    for (var inner = 0u; inner < trips[1]; inner++) { passes = passes + 1u + trips[2]; }
  }
  count[index] = passes;`,
});

export const LOOP_TRIPS: Uint32Array<ArrayBuffer> = new Uint32Array([OUTER, INNER, 0]);
export const LOOP_EXPECTED = OUTER * INNER;
