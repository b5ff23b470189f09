import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type EventServer, startEventServer } from "../support/event-server.ts";

let running: EventServer;
beforeEach(async () => {
  running = await startEventServer({
    authMode: "token",
    rateLimits: { requestsPerMinute: 1_000, failuresPerMinute: 5 },
  });
});
afterEach(async () => {
  await running[Symbol.asyncDispose]();
});

const issue = async (role: "viewer" | "admin", expiresAt: number | null = null) =>
  running.store.tokens.create({ name: `t-${role}`, role, instances: ["*"], createdBy: "test", expiresAt });

const signIn = (token: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
  running.server.send("POST", "/api/v1/session", { token }, headers);

const cookieOf = (answer: Response): string => (answer.headers.get("set-cookie") ?? "").split(";", 1)[0];

describe("a session of a browser", () => {
  test("is asked for by a token, and proves the same as the token", async () => {
    const { plain } = await issue("viewer");
    const answer = await signIn(plain);
    expect([answer.status, await answer.json()]).toEqual([
      201,
      expect.objectContaining({ auth_mode: "token", signed_in: true, actor: "token:t-viewer", role: "viewer" }),
    ]);
    const cookie = cookieOf(answer);
    expect((await running.server.get("/api/v1/instances", { cookie })).status).toBe(200);
    expect((await running.server.send("POST", "/api/v1/tokens", {}, { cookie })).status).toBe(403);
    const session = (await (await running.server.get("/api/v1/session", { cookie })).json()) as {
      permissions: string[];
    };
    expect(session).toMatchObject({ signed_in: true, permissions: expect.arrayContaining(["run:read"]) });
    expect(session.permissions).not.toContain("token:write");
  });

  test("cannot be read by scripts, is sent to us only, and shows nothing of the token", async () => {
    const { plain } = await issue("viewer");
    const header = (await signIn(plain)).headers.get("set-cookie") ?? "";
    expect(header.split("; ").slice(1)).toEqual([
      "Path=/",
      "HttpOnly",
      "SameSite=Strict",
      expect.stringMatching(/^Max-Age=4\d{4}$/),
    ]);
    expect(header).not.toContain(plain);
    expect((await signIn(plain, { "x-forwarded-proto": "https" })).headers.get("set-cookie")).toMatch(/; Secure$/);
  });

  test("proves nothing for requests that other pages make", async () => {
    const cookie = cookieOf(await signIn((await issue("admin")).plain));
    for (const strange of [
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
      { origin: "https://evil.example.org" },
    ]) {
      const answer = await running.server.get("/api/v1/instances", { cookie, ...strange });
      expect([strange, answer.status]).toEqual([strange, 401]);
    }
    const own = { cookie, "sec-fetch-site": "same-origin", origin: running.server.url };
    expect((await running.server.get("/api/v1/instances", own)).status).toBe(200);
  });

  test("ends when its token is revoked, and whoever tries again is no failed sign-in", async () => {
    const { token, plain } = await issue("viewer");
    const cookie = cookieOf(await signIn(plain));
    await running.store.tokens.revoke(token.id);
    for (let count = 0; count < 10; count += 1) {
      const answer = await running.server.get("/api/v1/instances", { cookie });
      expect([answer.status, await answer.json()]).toEqual([401, expect.objectContaining({ code: "TOKEN_MISSING" })]);
    }
    expect(await (await running.server.get("/api/v1/session", { cookie })).json()).toMatchObject({
      signed_in: false,
      actor: null,
      permissions: [],
    });
  });

  test("is over no later than its token", async () => {
    const { plain } = await issue("viewer", Date.now() + 60_000);
    const answer = await signIn(plain);
    expect(Number(/Max-Age=(\d+)/.exec(answer.headers.get("set-cookie") ?? "")?.[1])).toBeLessThanOrEqual(60);
  });

  test("that was made up or changed proves nothing", async () => {
    const cookie = cookieOf(await signIn((await issue("admin")).plain));
    for (const made of ["airfleet_session=x", `${cookie.slice(0, -3)}AAA`, "airfleet_session=v1.k.", "other=1"]) {
      expect([made, (await running.server.get("/api/v1/instances", { cookie: made })).status]).toEqual([made, 401]);
    }
  });

  test("is taken away by signing out", async () => {
    const answer = await running.server.send("DELETE", "/api/v1/session");
    expect([answer.status, answer.headers.get("set-cookie")]).toEqual([
      204,
      "airfleet_session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0",
    ]);
  });

  test("is not given for a wrong token, and wrong ones are counted", async () => {
    expect((await signIn("aft_wrong")).status).toBe(401);
    for (let count = 0; count < 6; count += 1) await signIn("aft_wrong");
    const answer = await signIn("aft_wrong");
    expect([answer.status, await answer.json()]).toEqual([429, expect.objectContaining({ code: "RATE_LIMITED" })]);
  });
});

test("in local mode nobody has to sign in", async () => {
  await using local = await startEventServer();
  expect(await (await local.server.get("/api/v1/session")).json()).toMatchObject({
    auth_mode: "local",
    signed_in: true,
    role: "admin",
    expires_at: null,
  });
});
