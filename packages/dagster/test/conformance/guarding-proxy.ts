import { createServer, request as forward } from "node:http";
import type { AddressInfo } from "node:net";

/** What the guide tells people to put in front of a Dagster: it lets authorized POSTs through, and nothing else. */
export interface GuardingProxy extends AsyncDisposable {
  readonly url: string;
}

/** @param token whoever sends it as a bearer is let in */
export const startGuardingProxy = async (upstream: string, token: string): Promise<GuardingProxy> => {
  const server = createServer((incoming, answer) => {
    const isPost = incoming.method === "POST" && incoming.url === "/graphql";
    if (incoming.headers.authorization !== `Bearer ${token}`) return void answer.writeHead(401).end("who are you?");
    if (!isPost || incoming.headers["content-type"] !== "application/json")
      return void answer.writeHead(403).end("only POST /graphql");
    const { authorization: _, host: _host, ...headers } = incoming.headers;
    const outgoing = forward(new URL("/graphql", upstream), { method: "POST", headers }, (came) => {
      answer.writeHead(came.statusCode ?? 502, came.headers);
      came.pipe(answer);
    });
    outgoing.on("error", () => void (answer.headersSent ? answer.destroy() : answer.writeHead(502).end()));
    answer.on("close", () => outgoing.destroy());
    return void incoming.pipe(outgoing);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
