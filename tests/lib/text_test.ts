import assert from "node:assert/strict";
import fc from "fast-check";
import { parseExact, parseUnique, stringifyExact } from "#lib/json.ts";

Deno.test("JSON without repeated keys is parsed as ever, and repeated keys are refused at any depth", () => {
  fc.assert(fc.property(fc.json(), (json) => assert.deepEqual(parseUnique(json), JSON.parse(json))));
  for (const json of ['{"a":1,"a":1}', '[{"b":{"a":{}, "c":[{}], "\\u0061" : 2}}]', '{"":0,"":0}']) {
    assert.throws(() => parseUnique(json), { name: "SyntaxError", message: /comes twice/ });
  }
  for (const json of ['{"a":"a","b":{"a":1},"c":[{"a":1},{"a":1}]}', '{"{\\"a\\":":1,"a":":"}', "3"]) {
    assert.deepEqual(parseUnique(json), JSON.parse(json));
  }
  assert.throws(() => parseUnique("{"), SyntaxError);
});

Deno.test("JSON keeps the numbers that it has no words for, and what would not come back is refused", () => {
  const data = {
    best: -Infinity,
    list: [NaN, -0, 0, 1e-320, { up: Infinity }],
    "": null,
    text: "NaN",
    on: true,
  };
  const text = stringifyExact(data);
  assert.deepEqual(parseExact(text), data);
  assert.match(text, /"best":\{"\$number":"-Infinity"\}/);
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    assert.deepEqual(parseExact(stringifyExact(value)), value);
  }));
  fc.assert(fc.property(fc.array(fc.double()), (numbers) => {
    assert.deepEqual(parseExact(stringifyExact({ numbers })), { numbers });
  }));
  for (
    const [value, message] of [
      [undefined, /this as JSON: undefined/],
      [{ a: undefined }, /"a" as JSON: undefined/],
      [[() => 1], /"0" as JSON: function/],
      [{ w: new Float32Array(2) }, /"w" as JSON: an object of Float32Array/],
      [{ m: new Map() }, /an object of Map/],
      [{ d: new Date() }, /an object of Date/],
      [{ a: { $number: "NaN" } }, /"\$number"/],
    ] as const
  ) assert.throws(() => stringifyExact(value), { name: "TypeError", message });
});
