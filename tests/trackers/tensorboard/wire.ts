import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";

/** Reads event files by the definitions of TensorFlow's messages, without the lab's own reader or writer. */

/** How a field is read; an object is a message within. */
type Definition = { readonly [field: number]: readonly [name: string, type: Type] };
type Type = "double" | "float" | "int" | "bool" | "text" | "bytes" | Definition;
export type Message = { [name: string]: unknown[] };

const TENSOR: Definition = {
  1: ["dtype", "int"],
  2: ["shape", { 2: ["dim", { 1: ["size", "int"] }] }],
  8: ["string_val", "text"],
};
const METADATA: Definition = {
  1: ["plugin_data", { 1: ["plugin_name", "text"], 2: ["content", "bytes"] }],
};
const VALUE: Definition = {
  1: ["tag", "text"],
  2: ["simple_value", "float"],
  8: ["tensor", TENSOR],
  9: ["metadata", METADATA],
};
export const EVENT: Definition = {
  1: ["wall_time", "double"],
  2: ["step", "int"],
  3: ["file_version", "text"],
  5: ["summary", { 1: ["value", VALUE] }],
  7: ["session_log", { 1: ["status", "int"] }],
  10: ["source_metadata", { 1: ["writer", "text"] }],
};
const JSON_VALUE: Definition = { 2: ["number", "double"], 3: ["string", "text"], 4: ["bool", "bool"] };
export const HPARAMS: Definition = {
  3: ["start", {
    1: ["hparams", { 1: ["key", "text"], 2: ["value", JSON_VALUE] }],
    4: ["group_name", "text"],
    5: ["start_time_secs", "double"],
  }],
  4: ["end", { 1: ["status", "int"], 2: ["end_time_secs", "double"] }],
};

/** @throws {Error} for a field that the definition has not, or of another type. */
export function readMessage(bytes: Uint8Array, definition: Definition): Message {
  const reader = new BinaryReader(bytes);
  const message: Message = {};
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    const [name, type] = definition[field] ?? [];
    if (name === undefined || type === undefined) throw new Error(`field ${field} is not defined`);
    (message[name] ??= []).push(readValue(reader, wire, type));
  }
  return message;
}

function readValue(reader: BinaryReader, wire: WireType, type: Type): unknown {
  const expected = {
    double: WireType.Bit64,
    float: WireType.Bit32,
    int: WireType.Varint,
    bool: WireType.Varint,
  };
  const wanted = typeof type === "string" && type in expected
    ? expected[type as keyof typeof expected]
    : WireType.LengthDelimited;
  if (wire !== wanted) throw new Error(`wire type ${wire} where ${wanted} is due`);
  if (type === "double") return reader.double();
  if (type === "float") return reader.float();
  if (type === "int") return Number(reader.int64());
  if (type === "bool") return reader.bool();
  if (type === "text") return reader.string();
  return type === "bytes" ? reader.bytes() : readMessage(reader.bytes(), type);
}
