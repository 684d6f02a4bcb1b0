import { utf8 } from "#lib/utf8.ts";
import type { Output } from "../output.ts";
import { EVENT, METADATA, PLUGIN_DATA, SESSION_LOG, SESSION_START, SUMMARY, VALUE } from "./fields.ts";
import { readHparams } from "./read_hparams.ts";
import { type Tag, Tags } from "./tags.ts";
import { scalarOfTensor } from "./tensor.ts";
import { BYTES, FIXED32, FIXED64, VARINT, Wire } from "./wire.ts";

/**
 * Reads events (`Event` of tensorflow/core/util/event.proto): scalars as `simple_value` (PyTorch, TensorFlow 1) or as a
 * tensor of one number (TensorFlow 2), hparams, and restarts. Everything else is passed over.
 */
export class Events {
  readonly #wire = new Wire();
  readonly #tags: Tags;
  #step = 0;
  #wallTime = NaN;

  constructor(private readonly output: Output) {
    this.#tags = new Tags(output.path);
  }

  /** @throws {WireError} for bytes that are no event. */
  read(bytes: Uint8Array, from: number, to: number): void {
    const wire = this.#wire;
    [this.#step, this.#wallTime] = [0, NaN];
    wire.set(bytes, from);
    let [summary, log] = [-1, -1];
    while (wire.next(to)) {
      if (wire.field === EVENT.wall_time && wire.type === FIXED64) this.#wallTime = wire.double(to);
      else if (wire.field === EVENT.step && wire.type === VARINT) this.#step = wire.varint(to);
      else {
        if (wire.field === EVENT.summary && wire.type === BYTES) summary = wire.position;
        if (wire.field === EVENT.session_log && wire.type === BYTES) log = wire.position;
        wire.skip(to);
      }
    }
    // The step may come after the summary.
    if (summary >= 0) {
      wire.position = summary;
      this.#summary(wire.span(to));
    }
    if (log >= 0) {
      wire.position = log;
      if (this.#status(wire.span(to)) === SESSION_START) this.output.restart(null, this.#step);
    }
  }

  #status(end: number): number {
    const wire = this.#wire;
    let status = 0;
    while (wire.next(end)) {
      if (wire.field === SESSION_LOG.status && wire.type === VARINT) status = wire.varint(end);
      else wire.skip(end);
    }
    return status;
  }

  #summary(end: number): void {
    const wire = this.#wire;
    while (wire.next(end)) {
      if (wire.field === SUMMARY.value && wire.type === BYTES) this.#value(wire.span(end));
      else wire.skip(end);
    }
  }

  /** One `Summary.Value`. */
  #value(end: number): void {
    const wire = this.#wire;
    let tag: Tag | null = null;
    let [metadata, tensor, simple, isSimple] = [-1, -1, NaN, false];
    while (wire.next(end)) {
      if (wire.field === VALUE.tag && wire.type === BYTES) {
        const to = wire.span(end);
        tag = this.#tags.find(wire.bytes, wire.position, to);
        wire.position = to;
      } else if (wire.field === VALUE.simple_value && wire.type === FIXED32) {
        [simple, isSimple] = [wire.float(end), true];
      } else {
        if (wire.field === VALUE.metadata && wire.type === BYTES) metadata = wire.position;
        if (wire.field === VALUE.tensor && wire.type === BYTES) tensor = wire.position;
        wire.skip(end);
      }
    }
    if (tag === null) return;
    if (metadata >= 0) {
      wire.position = metadata;
      this.#metadata(tag, wire.span(end));
    }
    if (isSimple) this.#scalar(tag, simple);
    else if (tensor >= 0 && (tag.plugin === "" || tag.plugin === "scalars")) {
      wire.position = tensor;
      const value = scalarOfTensor(wire, wire.span(end));
      if (value !== null) this.#scalar(tag, value);
    }
    wire.position = end;
  }

  #scalar(tag: Tag, value: number): void {
    if (tag.series === undefined) tag.series = this.output.series(null, tag.name, "step");
    tag.series?.add(this.#step, this.#wallTime, value);
  }

  /** `SummaryMetadata` of a value. */
  #metadata(tag: Tag, end: number): void {
    const wire = this.#wire;
    while (wire.next(end)) {
      if (wire.field === METADATA.plugin_data && wire.type === BYTES) this.#plugin(tag, wire.span(end));
      else wire.skip(end);
    }
  }

  /** The plugin of a tag, and what the hparams plugin keeps there. */
  #plugin(tag: Tag, end: number): void {
    const wire = this.#wire;
    let content = -1;
    while (wire.next(end)) {
      if (wire.field === PLUGIN_DATA.plugin_name && wire.type === BYTES) {
        const to = wire.span(end);
        tag.plugin = utf8(wire.bytes.subarray(wire.position, to));
        wire.position = to;
      } else {
        if (wire.field === PLUGIN_DATA.content && wire.type === BYTES) content = wire.position;
        wire.skip(end);
      }
    }
    if (tag.plugin !== "hparams" || content < 0) return;
    wire.position = content;
    const found = readHparams(wire, wire.span(end));
    if (found !== null) this.output.settings(null, found.settings, found.group);
    wire.position = end;
  }
}
