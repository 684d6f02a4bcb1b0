import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { sha256, sha256Base64 } from "#lib/sha256.ts";

const expected = (text: string) => createHash("sha256").update(text, "utf8").digest("base64");

Deno.test("SHA-256 agrees with Node's, at every length around a block and for any text", () => {
  for (let length = 0; length < 200; length++) {
    assert.equal(sha256Base64("é".repeat(length)), expected("é".repeat(length)));
  }
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    assert.equal(sha256Base64(text), expected(text));
  }));
});

Deno.test("SHA-256 of bytes that are a part of others", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), (bytes, from) => {
    const part = bytes.subarray(from);
    assert.deepEqual(sha256(part), Uint8Array.from(createHash("sha256").update(part).digest()));
  }));
});

Deno.test("SHA-256 of megabytes", () => {
  const text = "0123456789abcdef".repeat(100_000);
  assert.equal(sha256Base64(text), expected(text));
});
