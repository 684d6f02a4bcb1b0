/** Wire types of protocol buffers. */
export const [VARINT, FIXED64, BYTES, FIXED32] = [0, 1, 2, 5] as const;

/** Bytes that are no message of protocol buffers. */
export class WireError extends Error {
  override name = "WireError";
}

/**
 * A cursor over one message of protocol buffers. One cursor is moved over all records of a file: a reader object for
 * each message, as `@bufbuild/protobuf` has it, took ten times as long.
 */
export class Wire {
  #view: DataView = new DataView(new ArrayBuffer(0));
  bytes: Uint8Array = new Uint8Array();
  position = 0;
  /** Field and wire type of the last {@link Wire.next}. */
  field = 0;
  type = 0;

  set(bytes: Uint8Array, from: number): void {
    if (bytes.buffer !== this.bytes.buffer || bytes.byteOffset !== this.bytes.byteOffset) {
      this.#view = new DataView(bytes.buffer, bytes.byteOffset);
    }
    this.bytes = bytes;
    this.position = from;
  }

  /** Moves to the next field before `end`; false at the end. */
  next(end: number): boolean {
    if (this.position >= end) {
      if (this.position > end) throw new WireError("a field is longer than its message");
      return false;
    }
    const key = this.varint(end);
    this.field = Math.floor(key / 8);
    this.type = key & 7;
    return true;
  }

  /** A whole number, with its sign where it has 64 bits. */
  varint(end: number): number {
    const { bytes } = this;
    let [low, high, shift] = [0, 0, 0];
    for (; shift < 70; shift += 7) {
      if (this.position >= end) throw new WireError("a number is cut");
      const byte = bytes[this.position++]!;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= (bits & 15) << 28;
        high = bits >> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) return (high === 0 ? 0 : (high | 0) * 2 ** 32) + (low >>> 0);
    }
    throw new WireError("a number has more than 64 bits");
  }

  double(end: number): number {
    return this.#view.getFloat64(this.#fixed(8, end), true);
  }

  float(end: number): number {
    return this.#view.getFloat32(this.#fixed(4, end), true);
  }

  /** The end of the bytes that begin at the cursor, which is then at their first. */
  span(end: number): number {
    const length = this.varint(end);
    if (!(length >= 0 && length <= end - this.position)) {
      throw new WireError("a field is longer than its message");
    }
    return this.position + length;
  }

  /** Passes over the value of the field. */
  skip(end: number): void {
    switch (this.type) {
      case VARINT:
        this.varint(end);
        return;
      case FIXED64:
        this.#fixed(8, end);
        return;
      case BYTES:
        this.position = this.span(end);
        return;
      case FIXED32:
        this.#fixed(4, end);
        return;
      default:
        throw new WireError(`wire type ${this.type} is unknown`);
    }
  }

  #fixed(length: number, end: number): number {
    const at = this.position;
    if (length > end - at) throw new WireError("a number is cut");
    this.position += length;
    return at;
  }
}
