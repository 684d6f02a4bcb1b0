/**
 * A message of the YAML reader; in plain words where it is the reader's own limit.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { yamlMessage } from "#lib/yaml_message.ts";
 *
 * assert.equal(yamlMessage("Maximum call stack size exceeded"), "it is nested too deeply to be read");
 * assert.equal(yamlMessage("Map keys must be unique"), "Map keys must be unique");
 * ```
 */
export function yamlMessage(message: string): string {
  return message.includes("call stack") ? "it is nested too deeply to be read" : message;
}
