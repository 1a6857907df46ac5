// Prints as many free loopback ports as asked for.
import { createServer } from "node:net";

const servers = await Promise.all(
  Array.from({ length: Number(process.argv[2]) }, () => new Promise((ready) => {
    const server = createServer().listen(0, "127.0.0.1", () => ready(server));
  })),
);
console.log(servers.map((server) => server.address().port).join(" "));
servers.forEach((server) => server.close());
