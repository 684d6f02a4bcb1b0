import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { assertNever } from "#lib/assert_never.ts";

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

/** A member of `DataType`. */
const DT_STRING = 7;
/** `SessionLog.START`; the hparams plugin's `STATUS_SUCCESS` and `STATUS_FAILURE`. */
const [START, SUCCESS, FAILURE] = [1, 1, 2];

/** The message in protobuf's wire format. */
export function encodeEvent({ wallTime, step, content }: EventMessage): Uint8Array {
  const writer = new BinaryWriter();
  writer.tag(1, WireType.Bit64).double(wallTime);
  // Defaults are left out, as other writers do: the bytes are the same as PyTorch's.
  if (step !== 0) writer.tag(2, WireType.Varint).int64(step);
  switch (content.kind) {
    case "file version":
      text(writer, 3, "brain.Event:2");
      nested(writer, 10, () => text(writer, 1, content.writer));
      break;
    case "session start":
      nested(writer, 7, () => writer.tag(1, WireType.Varint).int32(START));
      break;
    case "summary":
      nested(writer, 5, () => {
        for (const value of content.values) nested(writer, 1, () => writeValue(writer, value));
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
      text(writer, 1, value.tag);
      writer.tag(2, WireType.Bit32).float(asFloat(value.value));
      break;
    case "text":
      text(writer, 1, value.tag);
      nested(writer, 8, () => {
        writer.tag(1, WireType.Varint).int32(DT_STRING);
        // A tensor of one text.
        nested(writer, 2, () => nested(writer, 2, () => writer.tag(1, WireType.Varint).int64(1)));
        text(writer, 8, value.text);
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
  text(writer, 1, tag);
  // The plugin reads the metadata alone.
  writeMetadata(writer, "hparams", content);
}

function writeMetadata(writer: BinaryWriter, plugin: string, content: Uint8Array): void {
  nested(writer, 9, () => {
    nested(writer, 1, () => {
      text(writer, 1, plugin);
      if (content.length > 0) writer.tag(2, WireType.LengthDelimited).bytes(content);
    });
  });
}

function sessionStart(
  { hparams, group, startS }: Extract<SummaryValue, { kind: "hparams start" }>,
): Uint8Array {
  const writer = new BinaryWriter();
  nested(writer, 3, () => {
    for (const [name, value] of Object.entries(hparams)) {
      nested(writer, 1, () => {
        text(writer, 1, name);
        nested(writer, 2, () => writeJsonValue(writer, value));
      });
    }
    text(writer, 4, group);
    writer.tag(5, WireType.Bit64).double(startS);
  });
  return writer.finish();
}

/** `google.protobuf.Value`. */
function writeJsonValue(writer: BinaryWriter, value: number | string | boolean): void {
  if (typeof value === "number") writer.tag(2, WireType.Bit64).double(value);
  else if (typeof value === "string") text(writer, 3, value);
  else writer.tag(4, WireType.Varint).bool(value);
}

function sessionEnd({ isSuccess, endS }: Extract<SummaryValue, { kind: "hparams end" }>): Uint8Array {
  const writer = new BinaryWriter();
  nested(writer, 4, () => {
    writer.tag(1, WireType.Varint).int32(isSuccess ? SUCCESS : FAILURE).tag(2, WireType.Bit64).double(endS);
  });
  return writer.finish();
}
