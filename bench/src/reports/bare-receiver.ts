import { createHash, createPublicKey, verify } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * What cwl-airflow's test server did: it verifies what is posted and keeps nothing. Takes the public key (PEM) as its
 * argument and says where it listens.
 */
const key = createPublicKey((process.argv[2] ?? "").replaceAll("\\n", "\n"));

const isGenuine = (authorization: string | undefined, body: Buffer): boolean => {
  const [head = "", claims = "", signature = ""] = (authorization ?? "").replace(/^Bearer /, "").split(".");
  const said = JSON.parse(Buffer.from(claims, "base64url").toString()) as { body_sha256: string };
  const hash = createHash("sha256").update(body).digest("base64url");
  return (
    said.body_sha256 === hash &&
    verify(null, Buffer.from(`${head}.${claims}`), key, Buffer.from(signature, "base64url"))
  );
};

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const body = Buffer.concat(chunks);
    const isGood = isGenuine(request.headers.authorization, body) && JSON.parse(body.toString()) !== null;
    response.writeHead(isGood ? 202 : 401, { "content-type": "application/json" }).end("{}");
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })}\n`);
});
process.on("SIGTERM", () => process.exit(0));
