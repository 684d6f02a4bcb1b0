import { openServer } from "#app/serve/server.ts";

/** A study that ends as soon as its page was sent, before the page has asked for events. Prints its address, then `over`. */
const { promise: sent, resolve } = Promise.withResolvers<void>();
await using server = await openServer(0);
server.show(() => {
  resolve();
  return Promise.resolve("the live page");
});
console.log(server.address);
await sent;
await server.finish("the report", "done");
console.log("over");
