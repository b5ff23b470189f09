import { request } from "node:http";
import { AirfleetError } from "@airfleet/model";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isLoopback } from "../../src/access/host-name.ts";
import { createFakeControl, type FakeWorld } from "../support/fake-control.ts";
import { serveForTest, type TestServer } from "../support/serve.ts";

let server: TestServer;
let world: FakeWorld;
beforeAll(async () => {
  const fake = createFakeControl();
  world = fake.world;
  server = await serveForTest(fake.control, { hosts: ["airfleet.internal"] });
});
afterAll(() => server.running.close());

/** `fetch` sets Host, Origin and Sec-Fetch-* as it likes, so these are sent by hand. */
const send = (
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<{ readonly status: number | undefined; readonly code: unknown }> =>
  new Promise((resolve, reject) => {
    const sent = request(`${server.url}${path}`, { method, headers }, (answer) => {
      let text = "";
      answer.on("data", (data: Buffer) => (text += data.toString()));
      answer.on("end", () => {
        const code = text.startsWith("{") ? (JSON.parse(text) as { code?: unknown }).code : undefined;
        resolve({ status: answer.statusCode, code });
      });
    });
    sent.on("error", reject).end();
  });

const PATHS = ["/api/v1/instances", "/api/dags", "/healthz", "/metrics", "/nope"];

describe("reports, which need no token,", () => {
  const paths = ["/api/v1/reports", "/reports/client1/v1/status", "/satellite/v1/status", "/status"];
  test.each([
    [{ host: "evil.example.org" }, 421, "HOST_REFUSED"],
    [{ "x-forwarded-for": "192.0.2.1" }, 403, "PROXY_REFUSED"],
    [{ via: "1.1 proxy" }, 403, "PROXY_REFUSED"],
    [{ "sec-fetch-site": "cross-site" }, 403, "CROSS_SITE_REFUSED"],
    [{ origin: "https://evil.example.org" }, 403, "CROSS_SITE_REFUSED"],
  ])("are refused all the same with %j", async (headers, status, code) => {
    for (const path of paths) {
      const all = { "content-type": "application/json", ...headers };
      expect(await send("POST", path, all)).toEqual({ status, code });
    }
  });
});

describe("DNS rebinding", () => {
  test.each([
    "evil.example.org",
    "evil.example.org:3000",
    "127.0.0.1.evil.org",
    "localhost.evil.org",
    "0.0.0.0",
    "[::2]",
  ])("the host name %s is refused on every path", async (host) => {
    for (const path of PATHS) expect(await send("GET", path, { host })).toEqual({ status: 421, code: "HOST_REFUSED" });
  });

  test.each([
    "localhost",
    "localhost:3000",
    "LOCALHOST:1",
    "127.0.0.1:3000",
    "[::1]:3000",
    "airfleet.internal",
    "localhost.",
  ])("the host name %s is ours", async (host) => {
    expect((await send("GET", "/healthz", { host })).status).toBe(200);
  });
});

describe("requests from pages of other sites", () => {
  test.each(["cross-site", "same-site", "something-new"])(
    "Sec-Fetch-Site: %s is refused, navigation or not",
    async (site) => {
      for (const mode of ["navigate", "cors", "no-cors"]) {
        const headers = { "sec-fetch-site": site, "sec-fetch-mode": mode };
        expect(await send("GET", "/api/dags", headers)).toEqual({ status: 403, code: "CROSS_SITE_REFUSED" });
        expect(await send("POST", "/api/disaster-recovery/pause-all", headers)).toEqual({
          status: 403,
          code: "CROSS_SITE_REFUSED",
        });
      }
      expect(world.performed).toEqual([]);
    },
  );

  test.each(["same-origin", "none"])("Sec-Fetch-Site: %s passes", async (site) => {
    expect((await send("GET", "/api/dags", { "sec-fetch-site": site })).status).toBe(200);
  });

  test.each(["https://evil.example.org", "null", "http://localhost:8080", "http://127.0.0.1", "not a url", ""])(
    "Origin: %s is refused",
    async (origin) => {
      const headers = { host: "localhost:3000", origin };
      expect((await send("POST", "/api/disaster-recovery/pause/d", headers)).code).toBe("CROSS_SITE_REFUSED");
    },
  );

  test("our own origin passes", async () => {
    const headers = { host: "localhost:3000", origin: "http://localhost:3000" };
    expect((await send("POST", "/api/disaster-recovery/pause/d?clients=client1", headers)).status).toBe(200);
  });

  test("a preflight gets no permission", async () => {
    const answer = await send("OPTIONS", "/api/dags", {
      origin: "https://evil.example.org",
      "access-control-request-method": "POST",
    });
    expect(answer).toEqual({ status: 403, code: "CROSS_SITE_REFUSED" });
  });
});

describe("proxies", () => {
  test.each(["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "X-Forwarded-Anything"])(
    "a request with %s is refused",
    async (header) => {
      for (const path of PATHS) {
        expect(await send("GET", path, { [header]: "for=203.0.113.9" })).toEqual({
          status: 403,
          code: "PROXY_REFUSED",
        });
      }
    },
  );
});

test("an Authorization header is not looked at", async () => {
  for (const authorization of ["Bearer wrong", "Basic YTpi", "nonsense"]) {
    expect((await send("GET", "/api/v1/instances", { authorization })).status).toBe(200);
  }
});

test.each(["0.0.0.0", "::", "192.0.2.7", "airfleet.example.org", "127.0.0.1.example.org"])(
  "the server does not start on %s",
  async (host) => {
    const starting = serveForTest(createFakeControl().control, { host });
    await expect(starting).rejects.toThrow(AirfleetError);
    await expect(starting).rejects.toMatchObject({
      code: "LOCAL_MODE_EXPOSED",
      message: expect.stringContaining(host),
    });
  },
);

test("loopback is 127/8, ::1 and localhost, and nothing that looks like them", () => {
  expect(["127.0.0.1", "127.8.9.1", "::1", "[::1]", "localhost", "LocalHost"].every(isLoopback)).toBe(true);
  expect(
    ["10.0.0.1", "::", "128.0.0.1", "127.0.0.1.nip.io", "localhost.localdomain", "::ffff:127.0.0.1", ""].some(
      isLoopback,
    ),
  ).toBe(false);
});
