import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { assertNever } from "#lib/assert_never.ts";
import {
  DATA_TYPE,
  DIM,
  EVENT,
  HPARAMS,
  JSON_VALUE,
  MAP_ENTRY,
  METADATA,
  PLUGIN_DATA,
  SESSION_END_INFO,
  SESSION_LOG,
  SESSION_START,
  SESSION_START_INFO,
  SESSION_STATUS,
  SOURCE_METADATA,
  SUMMARY,
  TENSOR,
  TENSOR_SHAPE,
  VALUE,
} from "./fields.ts";

/**
 * One event of an event file: TensorFlow's `Event` message, as far as the lab writes it (`event.proto`, `summary.proto`,
 * `tensor.proto`; hparams: `plugin_data.proto`).
 */
export interface EventMessage {
  /** Seconds since 1970. */
  readonly wallTime: number;
  readonly step: number;
  readonly content: EventContent;
}

export type EventContent =
  /** The first event of every file, with the name of the program that writes it. */
  | { readonly kind: "file version"; readonly writer: string }
  /** Readers drop what an earlier file of the run had from this step on. */
  | { readonly kind: "session start" }
  | { readonly kind: "summary"; readonly values: readonly SummaryValue[] };

export type SummaryValue =
  /** A point of a curve; TensorBoard stores it as a 32-bit float. */
  | { readonly kind: "scalar"; readonly tag: string; readonly value: number }
  /** Markdown for the text tab. */
  | { readonly kind: "text"; readonly tag: string; readonly text: string }
  /** A run's settings and its group, for the hparams tab. */
  | {
    readonly kind: "hparams start";
    readonly hparams: Hparams;
    readonly group: string;
    /** Seconds since 1970. */
    readonly startS: number;
  }
  | { readonly kind: "hparams end"; readonly isSuccess: boolean; readonly endS: number };

export type Hparams = Readonly<Record<string, number | string | boolean>>;

/** The message in protobuf's wire format. */
export function encodeEvent({ wallTime, step, content }: EventMessage): Uint8Array {
  const writer = new BinaryWriter();
  writer.tag(EVENT.wall_time, WireType.Bit64).double(wallTime);
  // Defaults are left out, as other writers do: the bytes are the same as PyTorch's.
  if (step !== 0) writer.tag(EVENT.step, WireType.Varint).int64(step);
  switch (content.kind) {
    case "file version":
      text(writer, EVENT.file_version, "brain.Event:2");
      nested(writer, EVENT.source_metadata, () => text(writer, SOURCE_METADATA.writer, content.writer));
      break;
    case "session start":
      nested(
        writer,
        EVENT.session_log,
        () => writer.tag(SESSION_LOG.status, WireType.Varint).int32(SESSION_START),
      );
      break;
    case "summary":
      nested(writer, EVENT.summary, () => {
        for (const value of content.values) nested(writer, SUMMARY.value, () => writeValue(writer, value));
      });
      break;
    default:
      assertNever(content);
  }
  return writer.finish();
}

function nested(writer: BinaryWriter, field: number, write: () => unknown): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  write();
  writer.join();
}

function text(writer: BinaryWriter, field: number, value: string): void {
  writer.tag(field, WireType.LengthDelimited).string(value);
}

function writeValue(writer: BinaryWriter, value: SummaryValue): void {
  switch (value.kind) {
    case "scalar":
      text(writer, VALUE.tag, value.tag);
      writer.tag(VALUE.simple_value, WireType.Bit32).float(asFloat(value.value));
      break;
    case "text":
      text(writer, VALUE.tag, value.tag);
      nested(writer, VALUE.tensor, () => {
        writer.tag(TENSOR.dtype, WireType.Varint).int32(DATA_TYPE.string);
        // A tensor of one text.
        nested(
          writer,
          TENSOR.shape,
          () => nested(writer, TENSOR_SHAPE.dim, () => writer.tag(DIM.size, WireType.Varint).int64(1)),
        );
        text(writer, TENSOR.string_val, value.text);
      });
      writeMetadata(writer, "text", new Uint8Array());
      break;
    case "hparams start":
      writeHparams(writer, "_hparams_/session_start_info", sessionStart(value));
      break;
    case "hparams end":
      writeHparams(writer, "_hparams_/session_end_info", sessionEnd(value));
      break;
    default:
      assertNever(value);
  }
}

/** Beyond the range of 32 bits it is infinite, which the writer would refuse to round to. */
function asFloat(value: number): number {
  return Math.fround(value);
}

function writeHparams(writer: BinaryWriter, tag: string, content: Uint8Array): void {
  text(writer, VALUE.tag, tag);
  // The plugin reads the metadata alone.
  writeMetadata(writer, "hparams", content);
}

function writeMetadata(writer: BinaryWriter, plugin: string, content: Uint8Array): void {
  nested(writer, VALUE.metadata, () => {
    nested(writer, METADATA.plugin_data, () => {
      text(writer, PLUGIN_DATA.plugin_name, plugin);
      if (content.length > 0) writer.tag(PLUGIN_DATA.content, WireType.LengthDelimited).bytes(content);
    });
  });
}

function sessionStart(
  { hparams, group, startS }: Extract<SummaryValue, { kind: "hparams start" }>,
): Uint8Array {
  const writer = new BinaryWriter();
  nested(writer, HPARAMS.session_start_info, () => {
    for (const [name, value] of Object.entries(hparams)) {
      nested(writer, SESSION_START_INFO.hparams, () => {
        text(writer, MAP_ENTRY.key, name);
        nested(writer, MAP_ENTRY.value, () => writeJsonValue(writer, value));
      });
    }
    text(writer, SESSION_START_INFO.group_name, group);
    writer.tag(SESSION_START_INFO.start_time_secs, WireType.Bit64).double(startS);
  });
  return writer.finish();
}

/** `google.protobuf.Value`. */
function writeJsonValue(writer: BinaryWriter, value: number | string | boolean): void {
  if (typeof value === "number") writer.tag(JSON_VALUE.number_value, WireType.Bit64).double(value);
  else if (typeof value === "string") text(writer, JSON_VALUE.string_value, value);
  else writer.tag(JSON_VALUE.bool_value, WireType.Varint).bool(value);
}

function sessionEnd({ isSuccess, endS }: Extract<SummaryValue, { kind: "hparams end" }>): Uint8Array {
  const writer = new BinaryWriter();
  nested(writer, HPARAMS.session_end_info, () => {
    const status = isSuccess ? SESSION_STATUS.success : SESSION_STATUS.failure;
    writer.tag(SESSION_END_INFO.status, WireType.Varint).int32(status);
    writer.tag(SESSION_END_INFO.end_time_secs, WireType.Bit64).double(endS);
  });
  return writer.finish();
}
