import { openBrowser, type OpenBrowser } from "@airfleet/tools-browser";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findPages } from "../../src/pages/serve-pages.ts";
import { startEventServer } from "../support/event-server.ts";

const ASKS_FOR_A_PAGE = { accept: "text/html,application/xhtml+xml" };

let opened: OpenBrowser;
beforeAll(async () => {
  opened = await openBrowser();
}, 60_000);
afterAll(() => opened[Symbol.asyncDispose]());

/** A page that tells what its browser complained about: a refused script, a missing file, an error of ours. */
const openPage = async () => {
  const page = await opened.browser.newPage({ locale: "en-GB" });
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", ({ message }) => complaints.push(message));
  return { page, complaints };
};

describe("the interface", () => {
  test("shows what is wrong in the fleet, live, without a complaint of the browser", async () => {
    await using running = await startEventServer({ pages: findPages() });
    const { page, complaints } = await openPage();
    await page.goto(running.server.url);
    await page.getByRole("heading", { level: 2, name: "Instances" }).waitFor();
    await page.getByRole("rowheader", { name: "eu", exact: true }).waitFor();
    await page.getByText(/^Live/).waitFor();
    expect(complaints).toEqual([]);
    await page.getByRole("button", { name: "Français" }).click();
    await page.getByRole("heading", { level: 2, name: "Problèmes en ce moment" }).waitFor();
    await page.close();
  });

  test("asks for a token where the server does, says when it is wrong, and lets in with a good one", async () => {
    await using running = await startEventServer({ pages: findPages(), authMode: "token" });
    const { plain } = await running.store.tokens.create({
      name: "reader",
      role: "viewer",
      instances: ["*"],
      createdBy: "test",
    });
    const { page } = await openPage();
    await page.goto(`${running.server.url}/runs/some/deep/link`);
    await page.getByLabel("API token").fill("aft_wrong");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").getByText("not known here").waitFor();
    await page.getByLabel("API token").fill(plain);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("There is no page at this address.").waitFor();
    await page.getByRole("link", { name: "To the fleet" }).click();
    await page.getByRole("rowheader", { name: "us", exact: true }).waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in to Airfleet" }).waitFor();
    expect(await page.getByRole("rowheader").count()).toBe(0);
    await page.close();
  });
});

describe("what the server answers", () => {
  test("is a page for browsers at the root and at addresses of pages, and what it always was for programs", async () => {
    await using running = await startEventServer({ pages: findPages() });
    const { get } = running.server;
    for (const path of ["/", "/runs/run_1", "/no/such/page"]) {
      const page = await get(path, ASKS_FOR_A_PAGE);
      expect([path, page.status, page.headers.get("content-type")]).toEqual([path, 200, "text/html; charset=utf-8"]);
      expect(page.headers.get("content-security-policy")).toContain("script-src 'self'");
    }
    expect((await get("/")).headers.get("content-type")).toBe("text/plain; charset=utf-8");
    for (const path of ["/api/v1/nothing", "/api/nothing"]) {
      const answer = await get(path, ASKS_FOR_A_PAGE);
      expect([path, answer.status]).toEqual([path, 404]);
    }
    expect((await get("/no/such/page")).status).toBe(404);
  });

  test("is kept by browsers for ever where its name tells its content, and sent as small as it was built", async () => {
    await using running = await startEventServer({ pages: findPages() });
    const page = await (await running.server.get("/", ASKS_FOR_A_PAGE)).text();
    const script = /src="(\/assets\/[^"]+\.js)"/.exec(page)?.[1] ?? "";
    const answer = await running.server.get(script, { "accept-encoding": "gzip" });
    expect([answer.status, answer.headers.get("cache-control"), answer.headers.get("content-encoding")]).toEqual([
      200,
      "public, max-age=31536000, immutable",
      "gzip",
    ]);
  });

  test("says how to build the interface where that was not done", async () => {
    await using running = await startEventServer();
    expect(await (await running.server.get("/", ASKS_FOR_A_PAGE)).text()).toContain("npm run build -w packages/web");
  });
});
