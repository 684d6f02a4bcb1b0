import { utf8 } from "#lib/utf8.ts";
import type { Setting } from "../model.ts";
import { HPARAMS, JSON_VALUE, MAP_ENTRY, SESSION_START_INFO } from "./fields.ts";
import { BYTES, FIXED64, VARINT, type Wire } from "./wire.ts";

/** A run's settings and group in `session_start_info` of the hparams plugin. */
export interface Hparams {
  readonly settings: Record<string, Setting>;
  readonly group: string | null;
}

/**
 * The content of the hparams plugin's metadata (`HParamsPluginData` of tensorboard/plugins/hparams/plugin_data.proto);
 * `null` where it is no session's start.
 */
export function readHparams(wire: Wire, end: number): Hparams | null {
  let found: Hparams | null = null;
  while (wire.next(end)) {
    if (wire.field === HPARAMS.session_start_info && wire.type === BYTES) {
      found = sessionStart(wire, wire.span(end));
    } else wire.skip(end);
  }
  return found;
}

function sessionStart(wire: Wire, end: number): Hparams {
  const settings: Record<string, Setting> = {};
  let group: string | null = null;
  while (wire.next(end)) {
    if (wire.field === SESSION_START_INFO.hparams && wire.type === BYTES) {
      const [name, value] = mapEntry(wire, wire.span(end));
      if (value !== null) settings[name] = value;
    } else if (wire.field === SESSION_START_INFO.group_name && wire.type === BYTES) {
      group = text(wire, end) || null;
    } else wire.skip(end);
  }
  return { settings, group };
}

/** `map<string, google.protobuf.Value>`. */
function mapEntry(wire: Wire, end: number): [string, Setting | null] {
  let [name, value]: [string, Setting | null] = ["", null];
  while (wire.next(end)) {
    if (wire.field === MAP_ENTRY.key && wire.type === BYTES) name = text(wire, end);
    else if (wire.field === MAP_ENTRY.value && wire.type === BYTES) value = settingOf(wire, wire.span(end));
    else wire.skip(end);
  }
  return [name, value];
}

/** A number, text or truth value; lists and structures have no value here. */
function settingOf(wire: Wire, end: number): Setting | null {
  let value: Setting | null = null;
  while (wire.next(end)) {
    if (wire.field === JSON_VALUE.number_value && wire.type === FIXED64) value = wire.double(end);
    else if (wire.field === JSON_VALUE.string_value && wire.type === BYTES) value = text(wire, end);
    else if (wire.field === JSON_VALUE.bool_value && wire.type === VARINT) value = wire.varint(end) !== 0;
    else wire.skip(end);
  }
  return value;
}

function text(wire: Wire, end: number): string {
  const to = wire.span(end);
  const found = utf8(wire.bytes.subarray(wire.position, to));
  wire.position = to;
  return found;
}
