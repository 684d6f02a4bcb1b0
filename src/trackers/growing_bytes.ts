/** Bytes that arrive in chunks and are used from the front; the rest of a chunk waits for the next one. */
export class GrowingBytes {
  #store = new Uint8Array(65_536);
  #from = 0;
  #to = 0;

  /** The bytes that wait; valid until the next {@link GrowingBytes.push}. */
  get bytes(): Uint8Array {
    return this.#store.subarray(this.#from, this.#to);
  }

  get length(): number {
    return this.#to - this.#from;
  }

  push(chunk: Uint8Array): void {
    const needed = this.length + chunk.length;
    if (this.#to + chunk.length > this.#store.length) {
      const target = needed > this.#store.length ? new Uint8Array(2 * needed) : this.#store;
      target.set(this.bytes);
      [this.#store, this.#to, this.#from] = [target, this.length, 0];
    }
    this.#store.set(chunk, this.#to);
    this.#to += chunk.length;
  }

  /** Takes bytes off the front. */
  drop(count: number): void {
    this.#from += count;
  }
}
