import { describe, expect, it, onTestFinished } from "vitest";
import { backends, PATIENT } from "../../store/test/backends.ts";
import { createDocumentFollower } from "../src/documents/document-follower.ts";
import { silentLogger, systemClock } from "../src/index.ts";
import { eventually } from "./fleet-fixture.ts";

const AUTHOR = { actor: "ada" };

for (const backend of backends) {
  describe(`documents followed on ${backend.name}`, PATIENT, () => {
    it("are there within 2 s of a change that somebody else made, without those that mean nothing", async () => {
      await using place = await backend.place();
      await using store = await place.open();
      const warned: string[] = [];
      const follower = createDocumentFollower({
        store,
        kind: "webhook",
        parse: ({ body }) => {
          if (typeof body["url"] !== "string") throw new Error("no url");
          return body["url"];
        },
        clock: systemClock,
        logger: { ...silentLogger, warn: (_fields, message) => void warned.push(message) },
        random: Math.random,
      });
      onTestFinished(() => follower.stop());
      follower.start();
      const meanings = () => follower.list().map(({ meaning }) => meaning);
      await store.documents.create({ kind: "webhook", id: "a", body: { url: "one" } }, AUTHOR);
      await eventually(() => meanings().join() === "one", 2_000);
      await store.documents.create({ kind: "webhook", id: "b", body: {} }, AUTHOR);
      await store.documents.update({ kind: "webhook", id: "a", body: { url: "two" } }, 1, AUTHOR);
      await eventually(() => meanings().join() === "two" && warned.length === 1, 2_000);
      await store.documents.remove("webhook", "a", 2, AUTHOR);
      await eventually(() => meanings().length === 0, 2_000);
      expect(warned.every((message) => message === "a stored definition is not valid")).toBe(true);
    });
  });
}
