import { EventSource, type SqsSource } from "@airfleet/model";
import { describe, expect, it } from "vitest";
import { AWS_NAMES, createSqsOpener } from "../../src/inbox/sqs-queue.ts";
import { createAddressGuard } from "../../src/outbound/address-guard.ts";

const QUEUE_URL = "https://sqs.us-west-2.amazonaws.com/1/q";
const credentials = { type: "keys", access_key_id: "AKIA" };

const sourceOf = (changes: object): SqsSource =>
  EventSource.parse({ type: "sqs", queue_url: QUEUE_URL, credentials, ...changes }) as SqsSource;

/** Reads a queue in a network where every name stands for this address. */
const readAt = async (address: string, changes: object = {}, allow: readonly string[] = []) => {
  const guard = createAddressGuard({
    allow: [...allow, ...AWS_NAMES],
    resolve: (_hostname, done) => done(null, [{ address, family: 4 }]),
  });
  const queue = await createSqsOpener(guard)(sourceOf(changes), { secret_access_key: "secret" });
  try {
    return await queue.receive(AbortSignal.timeout(10_000));
  } finally {
    queue.close();
  }
};

const REFUSED = { code: "ADDRESS_REFUSED" };

describe("the queue of an event source", () => {
  it.each([
    ["Amazon's own name that leads to the machine's credentials", "169.254.169.254", {}],
    ["another name that leads to a private address", "10.0.0.7", { queue_url: "https://queue.example/1/q" }],
    ["an endpoint that leads to a private address", "192.168.0.9", { endpoint: "https://queue.example/" }],
  ])("is not called by %s", async (_what, address, changes) => {
    await expect(readAt(address, changes)).rejects.toMatchObject(REFUSED);
  });

  it("is not opened at an address that shows by itself that it must not be called", async () => {
    await expect(readAt("127.0.0.1", { queue_url: "https://10.0.0.7/1/q" })).rejects.toMatchObject(REFUSED);
  });

  it("is called by Amazon's own name within a VPC, and wherever the operator allows it", async () => {
    // Nobody listens there: what is asked is whether a connection is tried.
    const tried = { code: "ECONNREFUSED" };
    await expect(readAt("127.0.0.1", { queue_url: "https://sqs.us-west-2.amazonaws.com:9/1/q" })).rejects.toMatchObject(
      tried,
    );
    const named = { queue_url: "http://queue.example:9/1/q" };
    await expect(readAt("127.0.0.1", named, ["queue.example"])).rejects.toMatchObject(tried);
    await expect(readAt("127.0.0.1", named)).rejects.toMatchObject(REFUSED);
  });
});
