import { expect, test } from "vitest";
import { createFakeControl } from "../support/fake-control.ts";
import { serveForTest } from "../support/serve.ts";

test("a port that is taken is told with the way out", async () => {
  const { control } = createFakeControl();
  await using server = await serveForTest(control);
  const port = Number(new URL(server.url).port);
  await expect(serveForTest(control, { port })).rejects.toMatchObject({
    code: "LISTEN_FAILED",
    message: `Nothing can listen on 127.0.0.1:${port}: another process uses this address. Stop what is there, or choose another --port.`,
  });
});
