import { createServer, request, type Server } from "node:http";
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningMoto, startMoto } from "../../../../tools/engines/src/index.ts";
import { createDeployTarget, type DeployTarget } from "../../src/index.ts";
import { change, describeTarget, signal, type TargetRoom } from "../target-claims.ts";

let moto: RunningMoto;
let s3: S3Client;
const credentials = { accessKeyId: "test", secretAccessKey: "test" };
beforeAll(async () => {
  moto = await startMoto();
  s3 = new S3Client({ endpoint: moto.url, region: "us-east-1", credentials, forcePathStyle: true });
}, 300_000);
afterAll(async () => {
  s3.destroy();
  await moto[Symbol.asyncDispose]();
});

const targetOf = (bucket: string, changes: object = {}): DeployTarget =>
  createDeployTarget(
    {
      type: "s3",
      bucket,
      prefix: "dags/airfleet",
      region: "us-east-1",
      endpoint: moto.url,
      access_key_id: "test",
      secret_access_key: "test",
      ...changes,
    },
    { dataDir: "/nowhere" },
  );

let buckets = 0;
const createRoom = async (): Promise<TargetRoom & { readonly bucket: string }> => {
  const bucket = `dags-${(buckets += 1)}`;
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  const at = (name: string) => ({ Bucket: bucket, Key: `dags/airfleet/${name}` });
  return {
    bucket,
    open: () => targetOf(bucket),
    async files() {
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
      const names = Contents.map(({ Key = "" }) => Key.slice("dags/airfleet/".length));
      const texts = names
        .filter((name) => name !== "airfleet.manifest.json")
        .map(async (name) => {
          const { Body } = await s3.send(new GetObjectCommand(at(name)));
          return [name, (await Body?.transformToString()) ?? ""] as const;
        });
      return Object.fromEntries(await Promise.all(texts));
    },
    putForeign: async (name, text) => void (await s3.send(new PutObjectCommand({ ...at(name), Body: text }))),
    removeForeign: async (name) => void (await s3.send(new DeleteObjectCommand(at(name)))),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
};

describeTarget("bucket", createRoom);

interface Between extends AsyncDisposable {
  readonly url: string;
  readonly writes: readonly string[];
}

/** Stands before the bucket: notes what is written, and answers for it where `judge` says so. */
const between = async (judge: (key: string) => { status: number; body: string } | undefined): Promise<Between> => {
  const writes: string[] = [];
  const server: Server = createServer((incoming, outgoing) => {
    const key = incoming.url?.split("?")[0] ?? "";
    if (incoming.method === "PUT" || incoming.method === "DELETE") {
      const own = judge(key);
      if (own !== undefined) {
        incoming
          .resume()
          .on("end", () => outgoing.writeHead(own.status, { "content-type": "application/xml" }).end(own.body));
        return;
      }
      writes.push(`${incoming.method} ${key.split("/dags/airfleet/")[1] ?? key}`);
    }
    const { hostname, port } = new URL(moto.url);
    const onward = request(
      { hostname, port, path: incoming.url, method: incoming.method, headers: incoming.headers },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(outgoing);
      },
    );
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    writes,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

describe("a bucket", () => {
  it("is written in an order in which no reader sees a DAG without what it needs", async () => {
    await using room = await createRoom();
    await using proxy = await between(() => undefined);
    const target = targetOf(room.bucket, { endpoint: proxy.url });
    await target.apply(change({ "a.py": "1", "r1/x.py": "1", ".airflowignore": "r1" }), { signal });
    const runtimeAt = proxy.writes.indexOf("PUT r1/x.py");
    expect(proxy.writes.indexOf("PUT a.py")).toBeGreaterThan(runtimeAt);
    expect(proxy.writes.indexOf("PUT a.py")).toBeGreaterThan(proxy.writes.indexOf("PUT .airflowignore"));
    expect(proxy.writes[0]).toBe("PUT airfleet.manifest.json");
    expect(proxy.writes.at(-1)).toBe("PUT airfleet.manifest.json");
    await target.apply(change({ "b.py": "1" }, "a.py", "r1/x.py"), { signal });
    expect(proxy.writes.indexOf("DELETE a.py")).toBeLessThan(proxy.writes.indexOf("DELETE r1/x.py"));
    await target.close();
  });

  it.each([
    [507, "InsufficientStorage", "DEPLOY_TARGET_REFUSED", "no space is left"],
    [403, "AccessDenied", "DEPLOY_TARGET_REFUSED", "our credentials may not"],
    [503, "SlowDown", "DEPLOY_TARGET_UNREACHABLE", "503"],
  ])(
    "that answers %i %s is told as such, and the next change heals what was left",
    async (status, name, expected, words) => {
      await using room = await createRoom();
      let isBad = true;
      const body = `<?xml version="1.0"?><Error><Code>${name}</Code><Message>x</Message></Error>`;
      await using proxy = await between((key) => (isBad && key.endsWith("/a.py") ? { status, body } : undefined));
      const target = targetOf(room.bucket, { endpoint: proxy.url });
      await expect(target.apply(change({ "a.py": "1", "r/x.py": "1" }), { signal })).rejects.toMatchObject({
        code: expected,
        message: expect.stringContaining(words) as string,
      });
      isBad = false;
      await target.apply(change({ "a.py": "2", "r/x.py": "1" }), { signal });
      expect(await room.files()).toEqual({ "a.py": "2", "r/x.py": "1" });
      await target.close();
    },
  );

  it("that is not there, or cannot be reached, is told apart", async () => {
    const none = targetOf("no-such-bucket");
    await expect(none.apply(change({ "a.py": "1" }), { signal })).rejects.toMatchObject({
      code: "DEPLOY_TARGET_REFUSED",
    });
    const away = targetOf("dags-1", { endpoint: "http://127.0.0.1:9" });
    await expect(away.list({ signal })).rejects.toMatchObject({ code: "DEPLOY_TARGET_UNREACHABLE" });
    await Promise.all([none.close(), away.close()]);
  });
});
