/** A seeded stream of 32-bit random numbers; the same seed gives the same stream on every machine. */
export interface Random {
  /** Uniform in [0, 1), 32 bits of randomness. */
  uniform(): number;
  /** Uniform whole number in [0, bound), without modulo bias that matters (bound <= 2^24). */
  below(bound: number): number;
  /** Standard normal, by Box–Muller. */
  normal(): number;
  /** Everything that a later `restoreRandom` needs to continue the same stream. */
  state(): RandomState;
}

/** Plain data; four 32-bit words of xoshiro128** and the spare normal, if one is held. */
export interface RandomState {
  readonly words: readonly [number, number, number, number];
  readonly spare: number | null;
}

/**
 * xoshiro128** seeded by splitmix32 (Blackman and Vigna, 2018).
 *
 * The seed is any list of numbers and strings, so that streams of different purposes never coincide:
 * `random(seed, "weights")` and `random(seed, "order", epoch)`.
 */
export function random(...seed: readonly (number | string)[]): Random {
  let hash = 0x9e3779b9;
  for (const part of seed) {
    for (const character of typeof part === "number" ? `#${part}` : `$${part}`) {
      hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193);
    }
    hash = mix(hash ^ 0x5bd1e995);
  }
  const next = (): number => mix(hash = (hash + 0x9e3779b9) | 0);
  return restoreRandom({ words: [next(), next(), next(), next()], spare: null });
}

/** Continues a stream from where `state()` was taken. */
export function restoreRandom(from: RandomState): Random {
  let [a, b, c, d] = from.words.map((word) => word | 0) as [number, number, number, number];
  let spare = from.spare;
  const word = (): number => {
    const scaled = Math.imul(b, 5);
    const result = Math.imul((scaled << 7) | (scaled >>> 25), 9);
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result >>> 0;
  };
  const uniform = (): number => word() / 0x1_0000_0000;
  return {
    uniform,
    below: (bound) => Math.floor(uniform() * bound),
    normal: () => {
      if (spare !== null) {
        const value = spare;
        spare = null;
        return value;
      }
      // 1 − u lies in (0, 1], so the logarithm is finite.
      const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
      const angle = 2 * Math.PI * uniform();
      spare = radius * Math.sin(angle);
      return radius * Math.cos(angle);
    },
    state: () => ({ words: [a >>> 0, b >>> 0, c >>> 0, d >>> 0], spare }),
  };
}

/** A seeded permutation of 0 … count − 1 (Fisher–Yates). */
export function permutation(count: number, source: Random): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last--) {
    const other = source.below(last + 1);
    const held = order[last]!;
    order[last] = order[other]!;
    order[other] = held;
  }
  return order;
}

function mix(word: number): number {
  word ^= word >>> 16;
  word = Math.imul(word, 0x85ebca6b);
  word ^= word >>> 13;
  word = Math.imul(word, 0xc2b2ae35);
  return word ^ (word >>> 16);
}
