import { toTokenId } from "@airfleet/model";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseTokenText } from "../src/tokens/token-text.ts";
import { backends, PATIENT, withStore } from "./backends.ts";

const ci = { name: "ci", role: "operator", instances: ["eu-*"], createdBy: "local" } as const;
const unknown = expect.objectContaining({ code: "TOKEN_UNKNOWN" });

for (const backend of backends) {
  describe(`tokens on ${backend.name}`, PATIENT, () => {
    it("shows a token once, keeps a hash, and knows it again", () =>
      withStore(backend, async (store, place) => {
        const { token, plain } = await store.tokens.create(ci);
        expect(plain).toMatch(/^aft_[0-9a-z]{12}_[0-9a-z]{52}_[0-9a-f]{8}$/);
        expect(token).toMatchObject({
          name: "ci",
          role: "operator",
          instances: ["eu-*"],
          tenant: null,
          expiresAt: null,
        });
        expect(await store.tokens.verify(plain)).toMatchObject({ id: token.id, lastUsedAt: null });
        const [, , secret] = plain.split("_");
        expect(JSON.stringify(await place.sql("select * from tokens"))).not.toContain(secret);
        expect(await store.tokens.list()).toHaveLength(1);
      }));

    it("refuses what is not a token of ours, without saying why", () =>
      withStore(backend, async (store) => {
        const { plain } = await store.tokens.create(ci);
        const other = (await store.tokens.create(ci)).plain.split("_");
        const [prefix, , secret] = plain.split("_");
        await fc.assert(
          fc.asyncProperty(
            fc.nat(plain.length - 1),
            fc.constantFrom("0", "a", "_", "Z", "%"),
            async (index, letter) => {
              const mutated = `${plain.slice(0, index)}${letter}${plain.slice(index + 1)}`;
              fc.pre(mutated !== plain);
              await expect(store.tokens.verify(mutated)).rejects.toEqual(unknown);
            },
          ),
          { numRuns: 40 },
        );
        for (const text of ["", "aft_", `${plain} `, `${prefix}_${other[1]}_${secret}_${other[3]}`]) {
          await expect(store.tokens.verify(text)).rejects.toEqual(unknown);
        }
      }));

    it("refuses another token's secret, even with a right checksum", () =>
      withStore(backend, async (store, place) => {
        const { token, plain } = await store.tokens.create(ci);
        await store.tokens.create({ ...ci, name: "other" });
        await place.sql(`update tokens set secret_hash = '${"0".repeat(64)}' where id = '${token.id}'`);
        await expect(store.tokens.verify(plain)).rejects.toEqual(unknown);
      }));

    it("refuses an expired token by name, and a revoked one at once", () =>
      withStore(backend, async (store, place) => {
        const { token } = await store.tokens.create(ci);
        const brief = await store.tokens.create({ ...ci, name: "brief", expiresAt: token.createdAt + 50 });
        await store.tokens.verify(brief.plain);
        await place.passTime(50);
        const expired = { code: "TOKEN_EXPIRED", details: expect.objectContaining({ token: "brief" }) };
        await expect(store.tokens.verify(brief.plain)).rejects.toMatchObject(expired);

        const stolen = await store.tokens.create(ci);
        const revoked = await store.tokens.revoke(stolen.token.id);
        await place.passTime(5);
        expect(await store.tokens.revoke(stolen.token.id)).toEqual(revoked);
        await expect(store.tokens.verify(stolen.plain)).rejects.toEqual(unknown);
        await expect(store.tokens.revoke(toTokenId("tok_none"))).rejects.toEqual(unknown);
      }));
  });
}

describe("last use of a token", PATIENT, () => {
  it("is written at most once a minute", () =>
    withStore(backends[0], async (store, place) => {
      const { plain, token } = await store.tokens.create(ci);
      const used = async () => {
        await store.tokens.verify(plain);
        return (await store.tokens.list())[0].lastUsedAt! - token.createdAt;
      };
      expect(await used()).toBe(0);
      await place.passTime(59_999);
      expect(await used()).toBe(0);
      await place.passTime(1);
      expect(await used()).toBe(60_000);
    }));
});

describe("text of a token", PATIENT, () => {
  it("is looked at without the store: a cut or mistyped one has a wrong checksum", () => {
    const body = `aft_${"0".repeat(12)}_${"a".repeat(52)}`;
    expect(parseTokenText(`${body}_00000000`)).toBeUndefined();
    expect(parseTokenText(body)).toBeUndefined();
  });
});
